package dev.livesync.replica.postgres;

import com.zaxxer.hikari.HikariDataSource;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Reads contents at a standby, which takes load from the primary and nothing else depends on. What a standby doesn't have, the primary is asked for; one that fails, hangs or hands out what has another hash is left alone
 * for a while. Any thread.
 */
final class StandbyReads implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StandbyReads.class.getName());
    /** How long a standby is left alone that has failed. */
    private static final long FAILED = Duration.ofSeconds(5).toNanos();

    /** How long one that hasn't replayed enough isn't asked for what is that new. */
    private static final long BEHIND = Duration.ofMillis(200).toNanos();

    private final HikariDataSource pool;
    private final ConnectionShares shares;
    private final LongSupplier nanoTime;
    private final AtomicLong failedUntil;
    private final AtomicLong behindUntil;

    /**
     * Creates it.
     *
     * @param pool is closed with this
     */
    StandbyReads(HikariDataSource pool, LongSupplier nanoTime) {
        this.pool = pool;
        this.shares = new ConnectionShares(pool.getMaximumPoolSize(), Duration.ZERO);
        this.nanoTime = nanoTime;
        this.failedUntil = new AtomicLong(nanoTime.getAsLong());
        this.behindUntil = new AtomicLong(nanoTime.getAsLong());
    }

    /** What one database has of the connections; nobody waits for them, since there is the primary. */
    ConnectionShares shares() {
        return shares;
    }

    /** Something that is read at a standby. */
    interface StandbyWork {
        /** Returns false if the standby hasn't replayed enough to tell. */
        boolean with(Connection connection) throws SQLException;
    }

    /**
     * Reads what needs a state of the database, if there is a standby that has it.
     *
     * @return whether it was read; else the primary has to be asked
     */
    boolean readState(ConnectionShares.ConnectionShare share, StandbyWork work) {
        return !isBefore(behindUntil)
                && read(share, connection -> {
                    boolean replayed = work.with(connection);
                    if (!replayed) {
                        behindUntil.set(nanoTime.getAsLong() + BEHIND);
                    }
                    return replayed;
                });
    }

    /**
     * Reads what is the same in every state that has it.
     *
     * @return whether it was read; else the primary has to be asked
     */
    boolean read(ConnectionShares.ConnectionShare share, StandbyWork work) {
        if (isBefore(failedUntil)) {
            return false;
        }
        try {
            share.acquire();
        } catch (SQLTransientConnectionException e) {
            return false; // this database has its share of them in use
        } catch (SQLException e) {
            return failed(e);
        }
        try (Connection connection = pool.getConnection()) {
            return work.with(connection);
        } catch (SQLException | SyncException e) {
            return failed(e);
        } finally {
            share.release();
        }
    }

    private boolean isBefore(AtomicLong end) {
        return nanoTime.getAsLong() - end.get() < 0;
    }

    private boolean failed(Exception e) {
        failedUntil.set(nanoTime.getAsLong() + FAILED);
        LOG.log(Level.INFO, "a standby is left alone for a while, and the primary read: {0}", Reason.of(e));
        return false;
    }

    @Override
    public void close() {
        pool.close();
    }
}
