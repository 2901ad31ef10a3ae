package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Reads complete events from the store, in the order of the feed. */
final class StoreFeed {
    /** The flag of an event whose batch goes on. */
    static final int INTERIOR = 1;
    /** The flag of the first event of a commit. */
    static final int STARTS = 2;

    private static final String SELECT = "select position, cid, flags, bytes from (select e.position, e.cid, e.flags,"
            + " b.bytes, sum(coalesce(octet_length(b.bytes), 0)) over (order by e.position) - octet_length(b.bytes) as before"
            + " from livesync_events e left join livesync_blocks b on b.db = e.db and b.cid = e.cid"
            + " where e.db = ? and e.position > ? and e.position <= ?) as page"
            + " where before < ? or before is null order by position";

    private StoreFeed() {}

    /**
     * An event of the feed.
     *
     * @param position how many come before it
     * @param flags {@link #INTERIOR}, {@link #STARTS}
     */
    record Entry(long position, Block block, int flags) {}

    /** Takes an event. */
    interface Taker {
        void take(Entry entry) throws SQLException;
    }

    /**
     * Reads a page.
     *
     * @param from the position of the first event
     * @param to the position after the last
     * @param bytes after how many of them to end, though not before the first event
     */
    static void read(Connection connection, String database, long from, long to, long bytes, Taker taker)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(SELECT)) {
            query.setString(1, database);
            query.setLong(2, from);
            query.setLong(3, to);
            query.setLong(4, bytes);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    Block block = StoreBlocks.block(row.getBytes(2), row.getBytes(4));
                    taker.take(new Entry(row.getLong(1) - 1, block, row.getInt(3)));
                }
            }
        }
    }
}
