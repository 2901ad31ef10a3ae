package dev.livesync.core.session;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Turns failures of stages and of plugged-in code into the one exception that users see. */
public final class SyncFailures {
    private SyncFailures() {}

    /**
     * Turns something that was thrown into what users see.
     *
     * @param doing names what was being done
     * @param thrown by a stage or by plugged-in code
     * @return the exception inside, or a new one around it
     */
    public static SyncException of(String doing, Throwable thrown) {
        Throwable t = thrown;
        while ((t instanceof CompletionException || t instanceof ExecutionException) && t.getCause() != null) {
            t = t.getCause();
        }
        if (t instanceof SyncException e) {
            return e;
        }
        if (t instanceof CancellationException) {
            return new SyncException(ErrorKind.CANCELLED, doing + " was cancelled", t);
        }
        return new SyncException(ErrorKind.INTERNAL, doing + " failed: " + t, t);
    }

    /**
     * The failure of calls on a closed {@code Sync}.
     *
     * @return a new exception
     */
    public static SyncException closed() {
        return new SyncException(ErrorKind.CLOSED, "this Sync is closed");
    }
}
