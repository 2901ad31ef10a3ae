package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a failure has to look like. */
public final class Refusals {
    private Refusals() {}

    public static SyncException refused(ErrorKind kind, ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).as("a failure of kind %s", kind).isInstanceOf(SyncException.class);
        SyncException e = (SyncException) thrown;
        assertThat(e.kind()).as("the kind of: %s", e.getMessage()).isEqualTo(kind);
        assertThat(e.getMessage()).doesNotContain("\n").isNotBlank();
        return e;
    }
}
