package dev.livesync.replica.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Lends connections to whoever reads. */
final class Connections {
    /** How many connections of yesterday may be lent before a failure is one. */
    private static final int TRIES = 4;

    private final DataSource source;
    private final SqlDialect dialect;

    Connections(DataSource source, SqlDialect dialect) {
        this.source = source;
        this.dialect = dialect;
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

    /** Reads; again if the connection that was lent was of before a failover. What is done may so be begun several times. */
    <T extends @Nullable Object> T read(String what, Work<T> work) {
        for (int tries = 1; ; tries++) {
            try (Connection connection = get()) {
                return work.with(connection);
            } catch (SQLException e) {
                if (tries >= TRIES || !dialect.isWorthATry(e)) {
                    throw SqlFailures.of("cannot " + what, e);
                }
            }
        }
    }
}
