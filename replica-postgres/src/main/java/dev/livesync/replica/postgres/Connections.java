package dev.livesync.replica.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Lends connections for what concerns the whole store. */
final class Connections {
    /** How many connections of yesterday may be lent before a failure is one. */
    private static final int TRIES = 4;

    private final DataSource source;
    private final SqlDialect dialect;
    private final ConnectionShares shares;

    Connections(DataSource source, SqlDialect dialect, ConnectionShares shares) {
        this.source = source;
        this.dialect = dialect;
        this.shares = shares;
    }

    /** Of a pool that has as many as is usual. */
    Connections(DataSource source, SqlDialect dialect) {
        this(source, dialect, new ConnectionShares(PostgresOptions.DEFAULT.poolSize(), Duration.ofSeconds(10)));
    }

    /** What of them databases have. */
    ConnectionShares shares() {
        return shares;
    }

    /** What is done with a connection. */
    interface Work<T extends @Nullable Object> {
        T with(Connection connection) throws SQLException;
    }

    SqlDialect dialect() {
        return dialect;
    }

    Connection get() throws SQLException {
        Connection connection = source.getConnection();
        try {
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    /** Something that is tried. */
    interface RepeatedRead<T extends @Nullable Object> {
        T run() throws SQLException;
    }

    /** Reads; again if the connection that was lent was of before a failover. What is done may so be begun several times. */
    <T extends @Nullable Object> T read(String what, Work<T> work) {
        return read(what, () -> {
            try (Connection connection = get()) {
                return work.with(connection);
            }
        });
    }

    /** The same with whatever connection. */
    <T extends @Nullable Object> T read(String what, RepeatedRead<T> read) {
        for (int tries = 1; ; tries++) {
            try {
                return read.run();
            } catch (SQLException e) {
                if (tries >= TRIES || !dialect.isWorthATry(e)) {
                    throw SqlFailures.of("cannot " + what, e);
                }
            }
        }
    }
}
