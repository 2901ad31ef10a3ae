package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
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

    private static final String NAMES = "select position, cid, flags from livesync_events"
            + " where db = ? and position > ? and position <= ? order by position";

    /** How many names a page has. */
    private static final int NAMES_AT_ONCE = 10_000;

    private StoreFeed() {}

    /**
     * An event of the feed.
     *
     * @param position how many come before it
     * @param flags {@link #INTERIOR}, {@link #STARTS}
     */
    record Entry(long position, Block block, int flags) {}

    /** Takes the name of an event. */
    interface NameTaker {
        void take(long position, Cid cid, int flags) throws SQLException;
    }

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

    /**
     * Reads the names of a page of events, and not what they hold.
     *
     * @param from the position of the first event
     * @param to the position after the last
     */
    static void readNames(Connection connection, String database, long from, long to, NameTaker taker)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(NAMES)) {
            query.setString(1, database);
            query.setLong(2, from);
            query.setLong(3, Math.min(to, from + NAMES_AT_ONCE));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    taker.take(row.getLong(1) - 1, StoreBlocks.cid(row.getBytes(2)), row.getInt(3));
                }
            }
        }
    }
}
