package dev.livesync.replica.postgres;

import dev.livesync.api.Cid;
import dev.livesync.replica.postgres.ModelledLink.Kind;
import dev.livesync.replica.postgres.ModelledTables.BlockRow;
import dev.livesync.replica.postgres.ModelledTables.CheckpointRow;
import dev.livesync.replica.postgres.ModelledTables.CommitRow;
import dev.livesync.replica.postgres.ModelledTables.EventRow;
import dev.livesync.replica.postgres.ModelledTables.PendingRow;
import dev.livesync.replica.postgres.ModelledTables.PieceKey;
import dev.livesync.replica.postgres.ModelledTables.PieceRow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What the statements of replicas do, one by one: a text that none of them is has no meaning here. */
final class ModelledStatements {
    private static final String FEED =
            "select identity, incarnation, position, number, attempt, pending, evictions, blocks, bytes,"
                    + " cast(extract(epoch from now()) * 1000 as bigint) from livesync_feed where db = ?";
    private static final String VISIBLE =
            "c.number <= ? and (b.gone is null or b.gone > ? or (b.back is not null and b.back <= ?))";
    private static final String BLOCKS =
            " from livesync_blocks b join livesync_commits c on c.db = b.db and c.attempt = b.attempt"
                    + " where b.db = ? and b.cid = any(?) and " + VISIBLE;

    private static final String CHECKPOINT =
            "select generation, pieces, bytes from livesync_checkpoints where db = ? and name = ?";

    private final ModelledServer server;
    private final ModelledTransaction transaction;
    private final List<@Nullable Object> parameters;
    private int next;

    ModelledStatements(ModelledServer server, ModelledTransaction transaction, List<@Nullable Object> parameters) {
        this.server = server;
        this.transaction = transaction;
        this.parameters = parameters;
    }

    static Kind kind(String sql) {
        return sql.endsWith(" for update")
                ? Kind.LOCK
                : sql.startsWith("select ") || sql.startsWith("set ") ? Kind.READ : Kind.WRITE;
    }

    /** Runs one statement, or several that came together. */
    List<Object[]> run(String text) throws SQLException {
        List<Object[]> rows = List.of();
        for (String sql : text.split("; ", -1)) {
            rows = one(sql);
        }
        return rows;
    }

    private List<Object[]> one(String sql) throws SQLException {
        return switch (sql) {
            case "select version()" -> row("PostgreSQL 15 as a model");
            case "select to_regclass('livesync_schema') is not null" -> row(true);
            case "select version, oldest from livesync_schema" -> row(Schema.VERSION, 1);
            case "select set_config('lock_timeout', ?, true), set_config('idle_in_transaction_session_timeout', ?, true)" ->
                List.of();
            case FEED -> feed(tables());
            case FEED + " for update" -> lockFeed(tables());
            case "select db, incarnation, number, attempt from livesync_feed where db = any(?)" -> states();
            case "insert into livesync_feed (db, identity, incarnation, position, number, attempt, pending, evictions,"
                    + " blocks, bytes) values (?, ?, ?, 0, 0, 0, 0, 0, 0, 0) on conflict do nothing" ->
                create(tables());
            case "update livesync_feed set incarnation = ? where db = ?" -> incarnate();
            case "update livesync_feed set position = ?, number = ?, attempt = ?, pending = ?, evictions = ?, blocks = ?,"
                    + " bytes = ? where db = ?" -> updateFeed();
            case "select attempt from livesync_commits where db = ? and number = ?" -> attempt(tables());
            case "select number from livesync_commits where db = ? and attempt = ?" -> number(tables());
            case "insert into livesync_commits (db, number, attempt, position) values (?, ?, ?, ?)" ->
                insertCommit(tables());
            case "insert into livesync_events (db, position, cid, flags) select ?, ? + o, c, f from unnest(?, ?, ?) as"
                    + " t(o, c, f)" -> insertEvents(tables());
            case "insert into livesync_pending (db, cid, number, ord, peer, arrived) select ?, c, ?, o, p, ? from"
                    + " unnest(?, ?, ?) as t(o, c, p)" -> insertPending(tables());
            case "delete from livesync_pending where db = ? and cid = any(?)" -> deletePending(tables());
            case "select p.cid, b.bytes, p.peer, p.arrived from livesync_pending p left join livesync_blocks b on b.db ="
                    + " p.db and b.cid = p.cid where p.db = ? and p.number > ? order by p.number, p.ord" ->
                pending(tables());
            case "select position, cid, flags, bytes from (select e.position, e.cid, e.flags, b.bytes,"
                    + " sum(coalesce(octet_length(b.bytes), 0)) over (order by e.position) - octet_length(b.bytes) as"
                    + " before from livesync_events e left join livesync_blocks b on b.db = e.db and b.cid = e.cid where"
                    + " e.db = ? and e.position > ? and e.position <= ?) as page where before < ? or before is null order"
                    + " by position" -> events(tables());
            case "insert into livesync_blocks (db, cid, attempt, ord, bytes) select ?, c, ?, o, b from unnest(?, ?, ?) as"
                    + " t(c, o, b) order by c on conflict do nothing returning cid" -> insertBlocks(tables());
            case "update livesync_blocks set back = ? where db = ? and cid = any(?) and gone is not null and back is null"
                    + " returning cid, octet_length(bytes)" -> bringBack();
            case "update livesync_blocks set gone = ?, back = null where db = ? and cid = any(?) returning"
                    + " octet_length(bytes)" -> giveUp();
            case "delete from livesync_blocks where db = ? and attempt = ? and cid = any(?)" -> remove(tables());
            case "update livesync_blocks set back = null where db = ? and back = ? and cid = any(?)" -> hide(tables());
            case "select position, cid, flags from livesync_events where db = ? and position > ? and position <= ?"
                    + " order by position" -> names(tables());
            case "set transaction isolation level repeatable read, read only" -> List.of();
            case CHECKPOINT -> checkpoint(tables());
            case CHECKPOINT + " for update" -> lockCheckpoint(tables());
            case "insert into livesync_checkpoints (db, name, generation, pieces, bytes) values (?, ?, ?, ?, ?) on conflict"
                    + " (db, name) do update set generation = excluded.generation, pieces = excluded.pieces, bytes ="
                    + " excluded.bytes" -> putCheckpoint(tables());
            case "insert into livesync_checkpoint_pieces (db, name, generation, piece, hash, bytes) values (?, ?, ?, ?, ?,"
                    + " ?)" -> insertPiece(tables());
            case "insert into livesync_checkpoint_pieces (db, name, generation, piece, hash, bytes) values (?, ?, 'claim',"
                    + " 0, '', '') on conflict (db, name, generation, piece) do update set written = now() where"
                    + " livesync_checkpoint_pieces.written < now() - interval '10 seconds' returning piece" ->
                claim(tables());
            case "select hash, bytes from livesync_checkpoint_pieces where db = ? and name = ? and generation = ? and"
                    + " piece = ?" -> piece(tables());
            case "delete from livesync_checkpoint_pieces where db = ? and name = ? and generation = ?" ->
                deletePieces(tables());
            case "delete from livesync_checkpoint_pieces where db = ? and name = ? and generation <> ? and (generation = ?"
                    + " or written < now() - interval '1 day')" -> deletePiecesBefore(tables());
            case "select cid from livesync_blocks where db = ? and gone > ?" -> gone(tables());
            case "select b.cid, b.bytes" + BLOCKS -> blocks(tables(), BlockRow::bytes);
            case "select b.cid, octet_length(b.bytes)" + BLOCKS -> blocks(tables(), row -> row.bytes().length);
            case "select b.cid, c.number, b.ord from livesync_commits c join livesync_blocks b on b.db = c.db and"
                    + " b.attempt = c.attempt where c.db = ? and c.number >= ? and (c.number > ? or b.ord > ?) and "
                    + VISIBLE + " order by c.number, b.ord limit 1000" -> blocksAfter(tables());
            default -> throw new UnsupportedOperationException("the modelled server does not know this: " + sql);
        };
    }

    private static List<Object[]> row(Object... columns) {
        List<Object[]> rows = new ArrayList<>();
        rows.add(columns);
        return rows;
    }

    private Object next() {
        return Objects.requireNonNull(parameters.get(next++));
    }

    private long number() {
        return (Long) next();
    }

    private String text() {
        return (String) next();
    }

    private ModelledTables tables() {
        return server.tables(text());
    }

    private List<Cid> cids() {
        return Arrays.stream((Object[]) next())
                .map(bytes -> Cid.fromBytes((byte[]) bytes, 0))
                .toList();
    }

    // ---- the feed's row

    private List<Object[]> feed(ModelledTables tables) {
        FeedRow row = tables.feed.get(transaction, ModelledTables.ONLY);
        return row == null
                ? List.of()
                : row(
                        row.identity(),
                        row.incarnation(),
                        row.position(),
                        row.number(),
                        row.attempt(),
                        row.pending(),
                        row.evictions(),
                        row.blocks(),
                        row.bytes(),
                        server.millis());
    }

    private List<Object[]> lockFeed(ModelledTables tables) throws SQLException {
        server.hold(transaction, tables.feed, ModelledTables.ONLY);
        return feed(tables);
    }

    private List<Object[]> states() {
        List<Object[]> rows = new ArrayList<>();
        for (Object name : (Object[]) next()) {
            FeedRow row = server.tables((String) name).feed.get(transaction, ModelledTables.ONLY);
            if (row != null) {
                rows.add(new Object[] {name, row.incarnation(), row.number(), row.attempt()});
            }
        }
        return rows;
    }

    private List<Object[]> create(ModelledTables tables) throws SQLException {
        FeedRow row = new FeedRow(text(), text(), 0, 0, 0, 0, 0, 0, 0, 0);
        server.hold(transaction, tables.feed, ModelledTables.ONLY);
        if (tables.feed.get(transaction, ModelledTables.ONLY) == null) {
            transaction.creates = true;
            transaction.put(tables.feed, ModelledTables.ONLY, row);
        }
        return List.of();
    }

    private void changeFeed(ModelledTables tables, UnaryOperator<FeedRow> change) throws SQLException {
        server.hold(transaction, tables.feed, ModelledTables.ONLY);
        FeedRow row = tables.feed.get(transaction, ModelledTables.ONLY);
        if (row != null) {
            transaction.put(tables.feed, ModelledTables.ONLY, change.apply(row));
        }
    }

    private List<Object[]> incarnate() throws SQLException {
        String incarnation = text();
        changeFeed(
                tables(),
                row -> new FeedRow(
                        row.identity(),
                        incarnation,
                        row.position(),
                        row.number(),
                        row.attempt(),
                        row.pending(),
                        row.evictions(),
                        row.blocks(),
                        row.bytes(),
                        0));
        return List.of();
    }

    private List<Object[]> updateFeed() throws SQLException {
        long[] values = new long[7];
        for (int i = 0; i < values.length; i++) {
            values[i] = number();
        }
        changeFeed(
                tables(),
                row -> new FeedRow(
                        row.identity(),
                        row.incarnation(),
                        values[0],
                        values[1],
                        values[2],
                        values[3],
                        values[4],
                        values[5],
                        values[6],
                        0));
        return List.of();
    }

    // ---- commits

    private List<Object[]> attempt(ModelledTables tables) {
        CommitRow row = tables.commits.get(transaction, number());
        return row == null ? List.of() : row(row.attempt());
    }

    private List<Object[]> number(ModelledTables tables) {
        Long number = tables.attempts.get(transaction, number());
        return number == null ? List.of() : row(number);
    }

    private List<Object[]> insertCommit(ModelledTables tables) throws SQLException {
        long number = number();
        long attempt = number();
        insert(tables.commits, number, new CommitRow(attempt, number()));
        insert(tables.attempts, attempt, number);
        return List.of();
    }

    private <K extends Comparable<? super K>, V> void insert(ModelledTable<K, V> table, K key, V row)
            throws SQLException {
        server.hold(transaction, table, key);
        if (table.get(transaction, key) != null && !server.isUnlocked()) {
            throw new SQLException("duplicate key value violates unique constraint", "23505");
        }
        transaction.put(table, key, row);
    }

    // ---- events

    private List<Object[]> insertEvents(ModelledTables tables) throws SQLException {
        long position = number();
        Object[] ordinals = (Object[]) next();
        List<Cid> cids = cids();
        Object[] flags = (Object[]) next();
        for (int i = 0; i < ordinals.length; i++) {
            insert(tables.events, position + (Integer) ordinals[i], new EventRow(cids.get(i), (Short) flags[i]));
        }
        return List.of();
    }

    private List<Object[]> events(ModelledTables tables) {
        long from = number();
        long to = number();
        long most = number();
        long before = 0;
        List<Object[]> rows = new ArrayList<>();
        for (Map.Entry<Long, EventRow> event :
                tables.events.range(transaction, from + 1, to).entrySet()) {
            Cid cid = event.getValue().cid();
            BlockRow block = tables.blocks.get(transaction, cid);
            if (block == null || before < most) {
                byte[] bytes = block == null ? null : block.bytes();
                rows.add(new Object[] {
                    event.getKey(), cid.toByteArray(), event.getValue().flags(), bytes
                });
            }
            before += block == null ? 0 : block.bytes().length;
        }
        return rows;
    }

    private List<Object[]> names(ModelledTables tables) {
        long from = number();
        List<Object[]> rows = new ArrayList<>();
        tables.events
                .range(transaction, from + 1, number())
                .forEach((position, event) ->
                        rows.add(new Object[] {position, event.cid().toByteArray(), event.flags()}));
        return rows;
    }

    private List<Object[]> insertPending(ModelledTables tables) throws SQLException {
        long number = number();
        long arrived = number();
        Object[] ordinals = (Object[]) next();
        List<Cid> cids = cids();
        Object[] peers = (Object[]) next();
        for (int i = 0; i < ordinals.length; i++) {
            insert(
                    tables.pending,
                    cids.get(i),
                    new PendingRow(number, (Integer) ordinals[i], (String) peers[i], arrived));
        }
        return List.of();
    }

    private List<Object[]> deletePending(ModelledTables tables) throws SQLException {
        for (Cid cid : cids()) {
            server.hold(transaction, tables.pending, cid);
            transaction.put(tables.pending, cid, null);
        }
        return List.of();
    }

    private List<Object[]> pending(ModelledTables tables) {
        long after = number();
        return tables.pending.all(transaction).entrySet().stream()
                .filter(entry -> entry.getValue().number() > after)
                .sorted(Comparator.comparingLong((Map.Entry<Cid, PendingRow> entry) ->
                                entry.getValue().number())
                        .thenComparingInt(entry -> entry.getValue().ord()))
                .map(entry -> {
                    BlockRow block = tables.blocks.get(transaction, entry.getKey());
                    return new Object[] {
                        entry.getKey().toByteArray(),
                        block == null ? null : block.bytes(),
                        entry.getValue().peer(),
                        entry.getValue().arrived()
                    };
                })
                .toList();
    }

    // ---- blocks

    private List<Object[]> insertBlocks(ModelledTables tables) throws SQLException {
        long attempt = number();
        List<Cid> cids = cids();
        Object[] ordinals = (Object[]) next();
        Object[] bytes = (Object[]) next();
        List<Object[]> rows = new ArrayList<>();
        for (int i = 0; i < cids.size(); i++) {
            Cid cid = cids.get(i);
            if (tables.blocks.get(transaction, cid) == null) {
                server.hold(transaction, tables.blocks, cid);
                if (tables.blocks.get(transaction, cid) == null) {
                    transaction.put(
                            tables.blocks,
                            cid,
                            new BlockRow(
                                    attempt, (Integer) ordinals[i], BlockRow.NEVER, BlockRow.NEVER, (byte[]) bytes[i]));
                    rows.add(new Object[] {cid.toByteArray()});
                }
            }
        }
        return rows;
    }

    /** Changes some blocks; each that was. */
    private List<Map.Entry<Cid, BlockRow>> change(
            ModelledTables tables,
            List<Cid> cids,
            java.util.function.Predicate<BlockRow> which,
            UnaryOperator<@Nullable BlockRow> to)
            throws SQLException {
        List<Map.Entry<Cid, BlockRow>> changed = new ArrayList<>();
        for (Cid cid : cids) {
            server.hold(transaction, tables.blocks, cid);
            BlockRow row = tables.blocks.get(transaction, cid);
            if (row != null && which.test(row)) {
                transaction.put(tables.blocks, cid, to.apply(row));
                changed.add(Map.entry(cid, row));
            }
        }
        return changed;
    }

    private List<Object[]> bringBack() throws SQLException {
        long number = number();
        List<Object[]> rows = new ArrayList<>();
        change(
                        tables(),
                        cids(),
                        row -> row.gone() != BlockRow.NEVER && row.back() == BlockRow.NEVER,
                        row -> row.back(number))
                .forEach(entry -> rows.add(new Object[] {
                    entry.getKey().toByteArray(), entry.getValue().bytes().length
                }));
        return rows;
    }

    private List<Object[]> giveUp() throws SQLException {
        long number = number();
        List<Object[]> rows = new ArrayList<>();
        change(tables(), cids(), row -> true, row -> row.gone(number))
                .forEach(entry -> rows.add(new Object[] {entry.getValue().bytes().length}));
        return rows;
    }

    private List<Object[]> remove(ModelledTables tables) throws SQLException {
        long attempt = number();
        change(tables, cids(), row -> row.attempt() == attempt, row -> null);
        return List.of();
    }

    private List<Object[]> hide(ModelledTables tables) throws SQLException {
        long back = number();
        change(tables, cids(), row -> row.back() == back, row -> row.back(BlockRow.NEVER));
        return List.of();
    }

    private List<Object[]> gone(ModelledTables tables) {
        long after = number();
        List<Object[]> rows = new ArrayList<>();
        tables.blocks.all(transaction).forEach((cid, row) -> {
            if (row.gone() != BlockRow.NEVER && row.gone() > after) {
                rows.add(new Object[] {cid.toByteArray()});
            }
        });
        return rows;
    }

    /** The number of a block's commit, if a reader of a commit sees it; else -1. */
    private long seen(ModelledTables tables, BlockRow row, long number) {
        Long commit = tables.attempts.get(transaction, row.attempt());
        return commit != null && commit <= number && row.isSeenAt(number) ? commit : -1;
    }

    private interface Column {
        Object of(BlockRow row);
    }

    private List<Object[]> blocks(ModelledTables tables, Column second) {
        List<Cid> cids = cids();
        long number = number();
        List<Object[]> rows = new ArrayList<>();
        for (Cid cid : cids) {
            BlockRow row = tables.blocks.get(transaction, cid);
            if (row != null && seen(tables, row, number) >= 0) {
                rows.add(new Object[] {cid.toByteArray(), second.of(row)});
            }
        }
        return rows;
    }

    private List<Object[]> blocksAfter(ModelledTables tables) {
        long from = number();
        number();
        int ord = (Integer) next();
        long number = number();
        List<Object[]> rows = new ArrayList<>();
        tables.blocks.all(transaction).forEach((cid, row) -> {
            long commit = seen(tables, row, number);
            if (commit > from || commit == from && row.ord() > ord && commit >= 0) {
                rows.add(new Object[] {cid.toByteArray(), commit, row.ord()});
            }
        });
        rows.sort(Comparator.comparingLong((Object[] row) -> (Long) row[1]).thenComparingInt(row -> (Integer) row[2]));
        return rows.subList(0, Math.min(rows.size(), 1_000));
    }

    // ---- checkpoints

    private List<Object[]> checkpoint(ModelledTables tables) {
        CheckpointRow row = tables.checkpoints.get(transaction, text());
        return row == null ? List.of() : row(row.generation(), row.pieces(), row.bytes());
    }

    private List<Object[]> lockCheckpoint(ModelledTables tables) throws SQLException {
        server.hold(transaction, tables.checkpoints, (String) Objects.requireNonNull(parameters.get(next)));
        return checkpoint(tables);
    }

    private List<Object[]> putCheckpoint(ModelledTables tables) throws SQLException {
        String name = text();
        server.hold(transaction, tables.checkpoints, name);
        transaction.put(tables.checkpoints, name, new CheckpointRow(text(), (Integer) next(), number()));
        return List.of();
    }

    private PieceKey pieceKey() {
        return new PieceKey(text(), text(), (Integer) next());
    }

    private List<Object[]> insertPiece(ModelledTables tables) throws SQLException {
        PieceKey key = pieceKey();
        insert(tables.pieces, key, new PieceRow((byte[]) next(), (byte[]) next()));
        return List.of();
    }

    /** Without a clock: whoever is refused has waited for as long as it stands. */
    private List<Object[]> claim(ModelledTables tables) throws SQLException {
        PieceKey key = new PieceKey(text(), "claim", 0);
        server.hold(transaction, tables.pieces, key);
        boolean stands = tables.pieces.get(transaction, key) != null;
        transaction.put(tables.pieces, key, stands ? null : new PieceRow(new byte[0], new byte[0]));
        return stands ? List.of() : row(0);
    }

    private List<Object[]> piece(ModelledTables tables) {
        PieceRow row = tables.pieces.get(transaction, pieceKey());
        return row == null ? List.of() : row(row.hash(), row.bytes());
    }

    private List<Object[]> deletePieces(ModelledTables tables) throws SQLException {
        String name = text();
        return deletePieces(tables, name, text());
    }

    /** None is a day old. */
    private List<Object[]> deletePiecesBefore(ModelledTables tables) throws SQLException {
        String name = text();
        String kept = text();
        String before = text();
        return before.equals(kept) ? List.of() : deletePieces(tables, name, before);
    }

    private List<Object[]> deletePieces(ModelledTables tables, String name, String generation) throws SQLException {
        for (PieceKey key : tables.pieces.all(transaction).keySet()) {
            if (key.name().equals(name) && key.generation().equals(generation)) {
                server.hold(transaction, tables.pieces, key);
                transaction.put(tables.pieces, key, null);
            }
        }
        return List.of();
    }
}
