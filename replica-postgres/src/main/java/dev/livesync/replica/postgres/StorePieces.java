package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.pieces.PieceNode;
import dev.livesync.database.pieces.SharedPieces;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The contents of attachments of one database, in tables. Each block is a transaction of its own, which ends with the row that counts them all: so the quota holds whichever hubs write, and who waits for that row
 * holds nothing that its owner waits for.
 *
 * <p>A block is hashed whenever it is read. One that is damaged is removed, and counted as lost, so that all hubs look again for what is missing.
 *
 * <p>Any thread. Whether a block is here is asked at the primary; contents are read at a standby that has them.
 */
final class StorePieces implements SharedPieces {
    private static final System.Logger LOG = System.getLogger(StorePieces.class.getName());

    /** How often a block is put that is removed each time before it is found. */
    private static final int TRIES = 8;

    private final DatabaseConnections connections;
    private final String database;
    private final PostgresOptions options;
    private final Runnable announce;
    private final AtomicLong additions = new AtomicLong();

    /** How often blocks came and were lost, whoever did it. */
    record StoredCounts(long added, long lost) {
        static final StoredCounts NONE = new StoredCounts(0, 0);
    }

    /** A moment by the server's clock. */
    private record ServerMoment(OffsetDateTime time) implements Moment {}

    /**
     * Uses the tables.
     *
     * @param announce tells other hubs that there is something new
     */
    StorePieces(DatabaseConnections connections, String database, PostgresOptions options, Runnable announce) {
        this.connections = connections;
        this.database = database;
        this.options = options;
        this.announce = announce;
    }

    /** Called when others may have added something. */
    void mayHaveMore() {
        additions.incrementAndGet();
    }

    @Override
    public long additions() {
        return additions.get();
    }

    /** Nobody removes anything that was needed in the last day; whoever waits for what came is told at the end. */
    @Override
    public Holding hold() {
        return this::mayHaveMore;
    }

    // ---- what is here

    @Override
    public Set<Cid> present(Collection<Cid> cids) {
        return new HashSet<>(
                cids("look for attachments", "select cid from livesync_pieces where db = ? and cid = any(?)", cids));
    }

    @Override
    public Set<Cid> whole(Collection<Cid> roots) {
        return new HashSet<>(cids(
                "look for attachments",
                "select cid from livesync_pieces where db = ? and cid = any(?) and whole and unneeded is null",
                roots));
    }

    private List<Cid> cids(String what, String sql, Collection<Cid> of) {
        List<Cid> all = List.copyOf(of);
        List<Cid> found = new ArrayList<>();
        for (int from = 0; from < all.size(); from += StoreBlocks.AT_ONCE) {
            List<Cid> some = all.subList(from, Math.min(all.size(), from + StoreBlocks.AT_ONCE));
            found.addAll(connections.read(what, connection -> {
                try (PreparedStatement query = connection.prepareStatement(sql)) {
                    query.setString(1, database);
                    query.setArray(2, Sql.cids(connection, some));
                    return cids(query);
                }
            }));
        }
        return found;
    }

    private static List<Cid> cids(PreparedStatement query) throws SQLException {
        List<Cid> found = new ArrayList<>();
        try (ResultSet row = query.executeQuery()) {
            while (row.next()) {
                found.add(StoreBlocks.cid(row.getBytes(1)));
            }
        }
        return found;
    }

    @Override
    public Map<Cid, Integer> need(Collection<Cid> cids) {
        Map<Cid, Integer> sizes = new HashMap<>();
        List<Cid> all = List.copyOf(cids);
        for (int from = 0; from < all.size(); from += StoreBlocks.AT_ONCE) {
            List<Cid> some = all.subList(from, Math.min(all.size(), from + StoreBlocks.AT_ONCE));
            List<Cid> unneeded = sizes(some, sizes);
            while (!unneeded.isEmpty()) { // some of which a sweep may be removing just now
                keep(unneeded);
                unneeded.forEach(sizes::remove);
                unneeded = sizes(unneeded, sizes);
            }
        }
        return sizes;
    }

    /** Adds the sizes of those that are here; returns those that a sweep may remove. */
    private List<Cid> sizes(List<Cid> cids, Map<Cid, Integer> sizes) {
        return connections.read("look for attachments", connection -> {
            List<Cid> unneeded = new ArrayList<>();
            try (PreparedStatement query = connection.prepareStatement(
                    "select cid, size, unneeded is null from livesync_pieces where db = ? and cid = any(?)")) {
                query.setString(1, database);
                query.setArray(2, Sql.cids(connection, cids));
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        Cid cid = StoreBlocks.cid(row.getBytes(1));
                        sizes.put(cid, row.getInt(2));
                        if (!row.getBoolean(3)) {
                            unneeded.add(cid);
                        }
                    }
                }
            }
            return unneeded;
        });
    }

    private void keep(Collection<Cid> cids) {
        write("keep attachments", connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("update livesync_pieces set unneeded = null, whole = false where db = ?"
                            + " and cid = any(?) and unneeded is not null")) {
                update.setString(1, database);
                update.setArray(2, Sql.cids(connection, cids));
                return update.executeUpdate();
            }
        });
    }

    @Override
    public void forEach(Consumer<Cid> action) {
        byte[] last = {};
        for (List<Cid> page = page(last); !page.isEmpty(); page = page(last)) {
            last = page.get(page.size() - 1).toByteArray();
            page.forEach(action);
        }
    }

    private List<Cid> page(byte[] after) {
        return connections.read("list attachments", connection -> {
            try (PreparedStatement query =
                    connection.prepareStatement("select cid from livesync_pieces where db = ? and cid > ?"
                            + " order by cid limit " + StoreBlocks.AT_ONCE)) {
                query.setString(1, database);
                query.setBytes(2, after);
                return cids(query);
            }
        });
    }

    @Override
    public long bytes() {
        return connections.read("count attachments", this::bytes);
    }

    private long bytes(Connection connection) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("select bytes from livesync_contents where db = ?")) {
            query.setString(1, database);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    /** How often something has changed. */
    StoredCounts counts() {
        return connections.read("look for attachments", connection -> {
            try (PreparedStatement query =
                    connection.prepareStatement("select added, lost from livesync_contents where db = ?")) {
                query.setString(1, database);
                try (ResultSet row = query.executeQuery()) {
                    return row.next() ? new StoredCounts(row.getLong(1), row.getLong(2)) : StoredCounts.NONE;
                }
            }
        });
    }

    // ---- reading

    @Override
    public @Nullable Block find(Cid cid) {
        try {
            return read(cid);
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.CORRUPT) {
                throw e;
            }
            LOG.log(Level.WARNING, "{0}; it counts as absent", e.getMessage());
            lose(cid);
            return null;
        }
    }

    @Override
    public @Nullable Block read(Cid cid) {
        Block[] found = new Block[1];
        // It is the same wherever it is: any standby that has it will do. One that hands out something else is left
        // alone.
        boolean there = connections.readContents(standby -> {
            byte[] bytes = bytes(standby, cid);
            if (bytes == null) {
                return false;
            }
            found[0] = Block.verified(cid, bytes);
            return true;
        });
        if (there) {
            return found[0];
        }
        Optional<byte[]> bytes =
                connections.read("read an attachment", connection -> Optional.ofNullable(bytes(connection, cid)));
        try {
            return bytes.isEmpty() ? null : Block.verified(cid, bytes.get());
        } catch (SyncException e) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    "block " + cid + " of an attachment is damaged in the store, in database " + database,
                    e);
        }
    }

    private byte @Nullable [] bytes(Connection connection, Cid cid) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("select bytes from livesync_pieces where db = ? and cid = ?")) {
            query.setString(1, database);
            query.setBytes(2, cid.toByteArray());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? row.getBytes(1) : null;
            }
        }
    }

    /** Removes a block that is damaged, unless somebody has put it again. What it was part of is whole no more. */
    private void lose(Cid cid) {
        boolean lost = write("remove a damaged attachment", connection -> {
            byte[] bytes = bytes(connection, cid);
            if (bytes == null || Cid.hash(cid.codec(), bytes).equals(cid)) {
                return false;
            }
            try (PreparedStatement delete = connection.prepareStatement(
                            "delete from livesync_pieces where db = ? and cid = ? and bytes = ? returning size");
                    PreparedStatement part = connection.prepareStatement(
                            "update livesync_pieces set whole = false where db = ? and whole")) {
                delete.setString(1, database);
                delete.setBytes(2, cid.toByteArray());
                delete.setBytes(3, bytes);
                part.setString(1, database);
                part.executeUpdate();
                return removed(connection, delete, 1) >= 0;
            }
        });
        if (lost) {
            announce.run();
        }
    }

    /** Removes some rows, and what they take from the row that counts them; the bytes, or -1 if there was none. */
    private long removed(Connection connection, PreparedStatement delete, int lost) throws SQLException {
        long bytes = -1;
        try (ResultSet row = delete.executeQuery()) {
            while (row.next()) {
                bytes = Math.max(0, bytes) + row.getInt(1);
            }
        }
        if (bytes >= 0) {
            try (PreparedStatement update = connection.prepareStatement(
                    "update livesync_contents set bytes = bytes - ?, added = added + 1, lost = lost + ? where db = ?")) {
                update.setLong(1, bytes);
                update.setLong(2, lost);
                update.setString(3, database);
                update.executeUpdate();
            }
        }
        return bytes;
    }

    // ---- writing

    @Override
    public boolean add(Block block) {
        PieceNode.requireSize(block);
        return write("store an attachment", connection -> {
            for (int tries = 1; tries <= TRIES; tries++) {
                if (isInserted(connection, block)) {
                    count(connection, block.size());
                    return true;
                }
                if (isKept(connection, block)) {
                    return false;
                }
            }
            throw new SyncException(
                    ErrorKind.STORAGE, "block " + block.cid() + " of an attachment is removed whenever it is put");
        });
    }

    private boolean isInserted(Connection connection, Block block) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into livesync_pieces (db, cid, size, bytes) values (?, ?, ?, ?) on conflict do nothing")) {
            insert.setString(1, database);
            insert.setBytes(2, block.cid().toByteArray());
            insert.setInt(3, block.size());
            insert.setBytes(4, block.toByteArray());
            return insert.executeUpdate() == 1;
        }
    }

    /** Sees to it that one that was there stays, and is what it should be: nobody may have read it for long. */
    private boolean isKept(Connection connection, Block block) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                        "select bytes = ? and unneeded is null from livesync_pieces where db = ? and cid = ?");
                PreparedStatement update = connection.prepareStatement(
                        "update livesync_pieces set bytes = ?, unneeded = null, whole = false where db = ? and cid = ?")) {
            for (PreparedStatement statement : List.of(query, update)) {
                statement.setBytes(1, block.toByteArray());
                statement.setString(2, database);
                statement.setBytes(3, block.cid().toByteArray());
            }
            try (ResultSet row = query.executeQuery()) {
                if (row.next() && row.getBoolean(1)) {
                    return true;
                }
            }
            return update.executeUpdate() == 1;
        }
    }

    /** Counts a block that was added; the row that does is locked until the transaction ends, which is next. */
    private void count(Connection connection, int size) throws SQLException {
        if (!isCounted(connection, size)) {
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into livesync_contents (db, bytes, added, lost) values (?, 0, 0, 0) on conflict do nothing")) {
                insert.setString(1, database);
                insert.executeUpdate();
            }
            if (!isCounted(connection, size)) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        "attachments of database " + database + " take " + bytes(connection)
                                + " bytes; the option maxAttachmentBytes allows " + options.maxAttachmentBytes());
            }
        }
    }

    private boolean isCounted(Connection connection, int size) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update livesync_contents set bytes = bytes + ?, added = added + 1" + " where db = ? and bytes <= ?")) {
            update.setLong(1, size);
            update.setString(2, database);
            update.setLong(3, options.maxAttachmentBytes() - size);
            return update.executeUpdate() == 1;
        }
    }

    @Override
    public void complete(Cid root) {
        write("store an attachment", connection -> {
            try (PreparedStatement update = connection.prepareStatement("update livesync_pieces set whole = true"
                    + " where db = ? and cid = ? and not whole and unneeded is null")) {
                update.setString(1, database);
                update.setBytes(2, root.toByteArray());
                return update.executeUpdate();
            }
        });
        mayHaveMore();
        announce.run();
    }

    // ---- sweeping

    @Override
    public Moment now() {
        return connections.read("ask for the time", connection -> {
            try (PreparedStatement query = connection.prepareStatement("select now()");
                    ResultSet row = query.executeQuery()) {
                row.next();
                return new ServerMoment(row.getObject(1, OffsetDateTime.class));
            }
        });
    }

    @Override
    public long sweep(Moment began, Predicate<Cid> live) {
        OffsetDateTime until = ((ServerMoment) began).time().minusDays(1);
        long freed = 0;
        byte[] last = {};
        for (List<Cid> page = page(last); !page.isEmpty(); page = page(last)) {
            last = page.get(page.size() - 1).toByteArray();
            List<Cid> dead = page.stream().filter(live.negate()).toList();
            if (!dead.isEmpty()) {
                long removed = write("remove attachments", connection -> remove(connection, dead, until));
                freed += Math.max(0, removed);
            }
        }
        return freed;
    }

    private long remove(Connection connection, List<Cid> dead, OffsetDateTime until) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                        "delete from livesync_pieces where db = ? and cid = any(?) and unneeded <= ? returning size");
                PreparedStatement mark = connection.prepareStatement(
                        "update livesync_pieces set unneeded = now() where db = ? and cid = any(?) and unneeded is null")) {
            delete.setString(1, database);
            delete.setArray(2, Sql.cids(connection, dead));
            delete.setObject(3, until);
            mark.setString(1, database);
            mark.setArray(2, Sql.cids(connection, dead));
            mark.executeUpdate();
            return removed(connection, delete, 0);
        }
    }

    /** Something that is written. */
    private interface Write<T> {
        T with(Connection connection) throws SQLException;
    }

    /** Writes in one transaction; again if that may help, so what is done once may be done twice. */
    private <T> T write(String what, Write<T> work) {
        return connections.read(what, connection -> {
            connection.setAutoCommit(false);
            boolean done = false;
            try {
                connections.dialect().limit(connection, options);
                T result = work.with(connection);
                connection.commit();
                done = true;
                return result;
            } finally {
                if (!done) {
                    rollback(connection);
                }
            }
        });
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "rolling back failed", e);
        }
    }
}
