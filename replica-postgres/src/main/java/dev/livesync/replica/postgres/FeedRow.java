package dev.livesync.replica.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The row of a database in {@code livesync_feed}.
 *
 * @param identity told to nobody else's database
 * @param incarnation changes when history was lost
 * @param position how many events are complete
 * @param number of the last commit
 * @param attempt that was the last commit
 * @param pending how many events wait
 * @param evictions how often pending events were given up
 * @param blocks how many blocks are stored
 * @param bytes theirs
 * @param now the server's time in milliseconds
 */
record FeedRow(
        String identity,
        String incarnation,
        long position,
        long number,
        long attempt,
        long pending,
        long evictions,
        long blocks,
        long bytes,
        long now) {
    private static final String SELECT = "select identity, incarnation, position, number, attempt, pending, evictions,"
            + " blocks, bytes, cast(extract(epoch from now()) * 1000 as bigint) from livesync_feed where db = ?";

    /** Reads it; null if there is none. */
    static @Nullable FeedRow read(Connection connection, String database) throws SQLException {
        return read(connection, database, SELECT);
    }

    /** Waits until no other transaction holds it, and holds it until the end of this one. */
    static @Nullable FeedRow lock(Connection connection, String database) throws SQLException {
        return read(connection, database, SELECT + " for update");
    }

    private static @Nullable FeedRow read(Connection connection, String database, String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, database);
            try (ResultSet row = query.executeQuery()) {
                return row.next()
                        ? new FeedRow(
                                row.getString(1),
                                row.getString(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6),
                                row.getLong(7),
                                row.getLong(8),
                                row.getLong(9),
                                row.getLong(10))
                        : null;
            }
        }
    }
}
