package dev.livesync.bench.peer;

import dev.livesync.Session;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.bench.channel.Watchdog;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Counts the events that peers brought. Any thread. */
final class Commits implements SyncListener {
    private long events;
    private long commits;
    private long awaited = Long.MAX_VALUE;
    private CompletableFuture<Void> reached = new CompletableFuture<>();
    private @Nullable Watchdog watchdog;

    @Override
    public synchronized void committed(Session session, CommitResult result) {
        events += result.accepted().size();
        commits++;
        if (watchdog != null) {
            watchdog.progress();
        }
        if (events >= awaited) {
            reached.complete(null);
        }
    }

    @Override
    public synchronized void sessionClosed(Session session, @Nullable SyncException failure) {
        reached.completeExceptionally(
                new IllegalStateException("the session ended after " + events + " events", failure));
    }

    synchronized long events() {
        return events;
    }

    synchronized long commits() {
        return commits;
    }

    /**
     * Waits until so many events have come in all.
     *
     * @return the longest time without any
     */
    Duration await(long total, Duration stall) throws TimeoutException {
        Watchdog dog = new Watchdog(stall);
        CompletableFuture<Void> done = new CompletableFuture<>();
        synchronized (this) {
            awaited = total;
            watchdog = dog;
            reached = done;
            if (events >= total) {
                done.complete(null);
            }
        }
        dog.await(done);
        return dog.longestSilence();
    }
}
