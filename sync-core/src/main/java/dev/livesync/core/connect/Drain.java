package dev.livesync.core.connect;

import dev.livesync.Session;
import dev.livesync.core.session.SessionRunner;
import dev.livesync.core.session.SyncContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Has peers leave before this end stops. Any thread. */
public final class Drain {
    private final SyncContext context;

    /**
     * Creates the service; nobody is asked for anything yet.
     *
     * @param context which sessions belong to
     */
    public Drain(SyncContext context) {
        this.context = context;
    }

    /**
     * Asks all peers to leave.
     *
     * @param within how long they may take
     * @return completes when no session of this moment is left, or the time is over
     */
    public CompletableFuture<Void> begin(Duration within) {
        List<SessionRunner> sessions = context.registry().runners();
        sessions.forEach(session -> session.goAway(within));
        CompletableFuture<Void> left = new CompletableFuture<>();
        Runnable stopTimer = context.schedule(within, () -> context.later(() -> left.complete(null)));
        CompletableFuture<?>[] ends = sessions.stream()
                .map(Session::closed)
                .map(end -> end.exceptionally(failure -> null))
                .toArray(CompletableFuture<?>[]::new);
        var unused = CompletableFuture.allOf(ends).thenRun(() -> {
            stopTimer.run();
            left.complete(null);
        });
        return left;
    }
}
