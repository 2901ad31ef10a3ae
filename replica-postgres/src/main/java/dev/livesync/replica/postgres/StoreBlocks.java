package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.replica.SharedBlocks;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the blocks of a database as of one of its commits. Any thread. */
final class StoreBlocks implements SharedBlocks {
    /** How many rows one query names or returns. */
    static final int AT_ONCE = 1_000;

    /** How many events are read ahead, where they are asked for one after the other. */
    private static final int AHEAD = 256;

    /** After how many bytes reading ahead ends. */
    private static final int AHEAD_BYTES = 1 << 20;

    /** How many readers that go through the events are told apart. */
    private static final int READERS = 16;

    private final StoredIn database;
    private final long number;
    private final long attempt;
    private final int[] next = new int[READERS];
    private int oldest;

    /** Where blocks are, and who keeps them in memory. */
    record StoredIn(DatabaseConnections connections, String name, StoreCache cache) {}

    /**
     * Reads as of a commit.
     *
     * @param number its number
     * @param attempt that was that commit: so it is known in another history that has one of this number
     */
    StoreBlocks(StoredIn database, long number, long attempt) {
        this.database = database;
        this.number = number;
        this.attempt = attempt;
    }

    @Override
    public Map<Cid, Block> read(Collection<Cid> cids) {
        List<Cid> all = new ArrayList<>(new HashSet<>(cids));
        Map<Cid, Block> blocks = new HashMap<>();
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            readSome(all.subList(from, Math.min(all.size(), from + AT_ONCE)), blocks);
        }
        return blocks;
    }

    private void readSome(List<Cid> some, Map<Cid, Block> blocks) {
        Rows rows = row -> {
            Block block = block(row.getBytes(1), row.getBytes(2));
            blocks.put(block.cid(), block);
            database.cache.put(block);
        };
        String columns = "select b.cid, b.bytes";
        List<Cid> missing = some;
        if (database.connections.readState(standby -> {
            if (!hasReplayed(standby)) {
                return false;
            }
            query(standby, columns, some, rows);
            return true;
        })) {
            missing = some.stream().filter(cid -> !blocks.containsKey(cid)).toList();
        }
        if (!missing.isEmpty()) {
            query(columns, missing, rows);
        }
    }

    /** Whether a standby has this commit. It has all that came before it then, and goes only on. */
    private boolean hasReplayed(Connection standby) throws SQLException {
        return Followed.isCommitted(standby, database.name, number, attempt);
    }

    @Override
    public Block present(Cid cid) {
        Block block = database.cache.get(cid);
        if (block == null) {
            block = read(List.of(cid)).get(cid);
        }
        if (block == null) {
            throw absent("block " + cid + " is named and not stored");
        }
        return block;
    }

    /** The sizes of those that are stored. */
    Map<Cid, Integer> sizes(Collection<Cid> cids) {
        List<Cid> all = new ArrayList<>(new HashSet<>(cids));
        Map<Cid, Integer> sizes = new HashMap<>();
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            List<Cid> some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
            query("select b.cid, octet_length(b.bytes)", some, row -> sizes.put(cid(row.getBytes(1)), row.getInt(2)));
        }
        return sizes;
    }

    private void query(String columns, List<Cid> cids, Rows rows) {
        database.connections.read("read blocks", connection -> {
            query(connection, columns, cids, rows);
            return true;
        });
    }

    private void query(Connection connection, String columns, List<Cid> cids, Rows rows) throws SQLException {
        String sql =
                columns + " from livesync_blocks b join livesync_commits c on c.db = b.db and c.attempt = b.attempt"
                        + " where b.db = ? and b.cid = any(?) and " + Sql.VISIBLE;
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, database.name);
            query.setArray(2, Sql.cids(connection, cids));
            visible(query, 3);
            each(query, rows);
        }
    }

    private void visible(PreparedStatement query, int from) throws SQLException {
        for (int i = from; i < from + 3; i++) {
            query.setLong(i, number);
        }
    }

    /** Takes a row. */
    private interface Rows {
        void take(ResultSet row) throws SQLException;
    }

    private static void each(PreparedStatement query, Rows rows) throws SQLException {
        try (ResultSet row = query.executeQuery()) {
            while (row.next()) {
                rows.take(row);
            }
        }
    }

    @Override
    public Block event(int event, Cid cid) {
        Block cached = database.cache.get(cid);
        if (cached != null) {
            goesOn(event, event + 1);
            return cached;
        }
        Block[] found = new Block[1];
        int count = goesOn(event, event + 1) ? AHEAD : 1;
        StandbyReads.StandbyWork work = connection -> {
            StoreFeed.read(connection, database.name, event, event + count, AHEAD_BYTES, entry -> {
                if (entry.position() == event && entry.block().cid().equals(cid)) {
                    found[0] = entry.block();
                }
                database.cache.put(entry.block());
            });
            return found[0] != null;
        };
        // The event is known to be there, and is the same wherever it is: any standby that has it will do.
        if (!database.connections.readContents(work)) {
            database.connections.read("read events", connection -> work.with(connection));
        }
        Block block = found[0];
        if (block == null) {
            throw absent("event " + cid + " is in the feed and not stored");
        }
        return block;
    }

    /** Why something is not there that this commit has. It is looked at again within the poll interval. */
    private SyncException absent(String what) {
        boolean gone = number > 0
                && !database.connections.read(
                        "look for a commit",
                        connection -> Followed.isCommitted(connection, database.name, number, attempt));
        return gone
                ? new SyncException(
                        ErrorKind.STORAGE,
                        "database " + database.name + " has gone back to an older state, by a restore or a failover: "
                                + what + "; try again")
                : new SyncException(ErrorKind.CORRUPT, what);
    }

    /** Whether somebody asked for the event before; notes that the one after may come next. */
    private synchronized boolean goesOn(int event, int after) {
        for (int i = 0; i < READERS; i++) {
            if (next[i] == event) {
                next[i] = after;
                return true;
            }
        }
        next[oldest++ % READERS] = after;
        return false;
    }

    /** What of some is not stored. */
    Set<Cid> stored(Collection<Cid> cids) {
        return sizes(cids).keySet();
    }

    /** A place in the order of writing. */
    record Place(long number, int ord) {}

    /** The next stored blocks in the order of writing, with their places. */
    List<Map.Entry<Cid, Place>> after(Place place) {
        String sql = "select b.cid, c.number, b.ord from livesync_commits c join livesync_blocks b"
                + " on b.db = c.db and b.attempt = c.attempt where c.db = ? and c.number >= ?"
                + " and (c.number > ? or b.ord > ?) and " + Sql.VISIBLE + " order by c.number, b.ord limit " + AT_ONCE;
        return database.connections.read("list blocks", connection -> {
            List<Map.Entry<Cid, Place>> page = new ArrayList<>();
            try (PreparedStatement query = connection.prepareStatement(sql)) {
                query.setString(1, database.name);
                query.setLong(2, place.number);
                query.setLong(3, place.number);
                query.setInt(4, place.ord);
                visible(query, 5);
                each(query, row -> page.add(Map.entry(cid(row.getBytes(1)), new Place(row.getLong(2), row.getInt(3)))));
            }
            return page;
        });
    }

    static Cid cid(byte[] bytes) {
        try {
            return Cid.fromBytes(bytes, 0);
        } catch (SyncException e) {
            throw new SyncException(
                    ErrorKind.CORRUPT, "a row names a block that has no such name: " + e.getMessage(), e);
        }
    }

    /** A block as it was in the store, checked. */
    static Block block(byte[] cid, byte @Nullable [] bytes) {
        Cid name = cid(cid);
        if (bytes == null) {
            throw new SyncException(ErrorKind.CORRUPT, "event " + name + " is in the feed and not stored");
        }
        try {
            return Block.verified(name, bytes);
        } catch (SyncException e) {
            throw new SyncException(ErrorKind.CORRUPT, "in the store, " + e.getMessage(), e);
        }
    }
}
