package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No command waits in silence, nor for ever. */
@Timeout(60)
class WaitingTest {
    private static final Waiting.Schedule SHORT = new Waiting.Schedule(Duration.ofMillis(1), 3, 10);
    private final SyncException late = new SyncException(ErrorKind.TIMEOUT, "nothing moved");

    private final List<String> said = new ArrayList<>();
    private long moves;

    @Test
    void whatNeverComesIsGivenUpWithAWordBefore() {
        assertThatThrownBy(() ->
                        Waiting.on(new CompletableFuture<Void>(), SHORT, () -> 7, () -> said.add("quiet"), () -> late))
                .isSameAs(late);
        assertThat(said).containsExactly("quiet");
    }

    @Test
    void asLongAsSomethingMovesItWaits() {
        CompletableFuture<String> slow = new CompletableFuture<>();
        String result = Waiting.on(
                slow,
                SHORT,
                () -> {
                    if (++moves == 100) {
                        slow.complete("here");
                    }
                    return moves;
                },
                () -> said.add("quiet"),
                () -> late);
        assertThat(result).isEqualTo("here");
        assertThat(said).isEmpty();
    }

    @Test
    void whatFailsIsTold() {
        SyncException failure = new SyncException(ErrorKind.STORAGE, "the disk is full");
        assertThatThrownBy(() ->
                        Waiting.on(CompletableFuture.<Void>failedFuture(failure), SHORT, () -> 0, () -> {}, () -> late))
                .isSameAs(failure);
    }
}
