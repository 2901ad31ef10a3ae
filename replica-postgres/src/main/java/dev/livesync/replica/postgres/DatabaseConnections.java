package dev.livesync.replica.postgres;

import dev.livesync.replica.postgres.Connections.Work;
import dev.livesync.replica.postgres.StandbyReads.StandbyWork;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Lends connections for one database, as many as its share is. Any thread; who was lent one gives it back on the same. */
final class DatabaseConnections {
    /** Whether this thread has one: who waits for a share while he has a part of it might wait for himself. */
    private static final ThreadLocal<Boolean> HAS_ONE = new ThreadLocal<>();

    private final Connections connections;
    private final ConnectionShares.ConnectionShare share;
    private final @Nullable StandbyReads standby;
    private final ConnectionShares.@Nullable ConnectionShare standbyShare;

    /**
     * Creates it.
     *
     * @param standby where contents are read if they can be; null for the primary only
     */
    DatabaseConnections(Connections connections, @Nullable StandbyReads standby, String database) {
        this.connections = connections;
        this.share = connections.shares().new ConnectionShare(database);
        this.standby = standby;
        this.standbyShare = standby == null ? null : standby.shares().new ConnectionShare(database);
    }

    /** As {@link StandbyReads#readState}; false where there is no standby. */
    boolean readState(StandbyWork work) {
        return standby != null && standbyShare != null && standby.readState(standbyShare, work);
    }

    /** As {@link StandbyReads#read}; false where there is no standby. */
    boolean readContents(StandbyWork work) {
        return standby != null && standbyShare != null && standby.read(standbyShare, work);
    }

    /** A connection, until it is given back. */
    final class Lent implements AutoCloseable {
        private final Connection connection;
        private final boolean counts;

        private Lent(Connection connection, boolean counts) {
            this.connection = connection;
            this.counts = counts;
        }

        Connection connection() {
            return connection;
        }

        @Override
        public void close() throws SQLException {
            try {
                connection.close();
            } finally {
                giveBack(counts);
            }
        }
    }

    private void giveBack(boolean counts) {
        if (counts) {
            HAS_ONE.remove();
            share.release();
        }
    }

    SqlDialect dialect() {
        return connections.dialect();
    }

    /** Lends one, in auto-commit mode. */
    Lent lend() throws SQLException {
        boolean counts = HAS_ONE.get() == null;
        if (counts) {
            share.acquire();
            HAS_ONE.set(true);
        }
        boolean lent = false;
        try {
            Lent one = new Lent(connections.get(), counts);
            lent = true;
            return one;
        } finally {
            if (!lent) {
                giveBack(counts);
            }
        }
    }

    /** As {@link Connections#read}. */
    <T extends @Nullable Object> T read(String what, Work<T> work) {
        return connections.read(what, () -> {
            try (Lent lent = lend()) {
                return work.with(lent.connection());
            }
        });
    }
}
