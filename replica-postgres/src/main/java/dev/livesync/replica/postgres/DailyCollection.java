package dev.livesync.replica.postgres;

import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.database.contents.SharedAttachments;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Removes contents of attachments that no event names any more: once a day, whichever of the processes that have the database open comes first. What one of them finds for the first time is only noted, so
 * without this a full database would refuse contents for a day before there is room again.
 */
final class DailyCollection {
    private static final System.Logger LOG = System.getLogger(DailyCollection.class.getName());

    /** A name that no checkpoint has, since theirs are printable. */
    static final String NAME = "collection\t";

    /** How long nobody begins another one: longer than what is noted has to wait, so that the next one removes what this one notes. */
    static final Duration SPARED = Duration.ofHours(25);

    /** After how long a process looks whether it is time: this, and up to as much again. */
    static final Duration LOOKED = Duration.ofHours(1);

    private final String database;
    private final SharedAttachments attachments;
    private final StoreCheckpoints claims;
    private final RandomGenerator random;
    private final BooleanSupplier closed;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile long dueAt;

    /**
     * Of a database that was just opened.
     *
     * @param now monotonic, nanoseconds
     */
    DailyCollection(
            String database,
            SharedAttachments attachments,
            StoreCheckpoints claims,
            RandomGenerator random,
            BooleanSupplier closed,
            long now) {
        this.database = database;
        this.attachments = attachments;
        this.claims = claims;
        this.random = random;
        this.closed = closed;
        this.dueAt = next(now);
    }

    /** Processes that were started together shouldn't ask together. */
    private long next(long now) {
        return now + LOOKED.toNanos() + random.nextLong(LOOKED.toNanos());
    }

    /** Collects on another thread, if it is time to and no other process has done so. */
    void collectSoon(long now, Executor executor) {
        if (now - dueAt >= 0 && busy.compareAndSet(false, true)) {
            dueAt = next(now);
            try {
                executor.execute(() -> {
                    try {
                        collect();
                    } finally {
                        busy.set(false);
                    }
                });
            } catch (RejectedExecutionException e) { // the store is closed
                busy.set(false);
            }
        }
    }

    private void collect() {
        try {
            if (attachments.bytes() > 0 && claims.claim(NAME, SPARED)) {
                long freed = attachments.collect();
                LOG.log(
                        freed > 0 ? Level.INFO : Level.DEBUG,
                        "database {0}: {1} bytes of attachments that nothing names were removed",
                        database,
                        Long.toString(freed));
            }
        } catch (SyncException e) {
            LOG.log(
                    closed.getAsBoolean() ? Level.DEBUG : Level.INFO,
                    "database {0}: attachments that nothing names stay for another day: {1}",
                    database,
                    Reason.of(e));
        }
    }
}
