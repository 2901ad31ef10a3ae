package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.database.replica.QuotaLimits;
import dev.livesync.database.replica.SharedHistory;
import dev.livesync.database.replica.SharedHistory.Outcome;
import dev.livesync.database.replica.SharedHistory.Step;
import dev.livesync.database.replica.SharedView;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One try to store some commits.
 *
 * <p>The blocks go first, while others may still hold the row of the feed: they are the bulk of it, and are seen only with their commit. Under the lock the history is brought up to
 * date, each commit is decided on, and what came of all of them is written at once.
 */
final class CommitTransaction {
    private static final System.Logger LOG = System.getLogger(CommitTransaction.class.getName());

    /** After so many bytes or rows a statement ends and another begins. */
    private static final int STATEMENT_BYTES = 4 << 20;

    private static final int STATEMENT_ROWS = 2_000;

    private final String database;
    private final Followed followed;
    private final PostgresOptions options;
    private final long attempt;
    private final SqlDialect dialect;

    /** The sizes of the blocks that this transaction has inserted, and of those that are back. */
    private final Map<Cid, Integer> inserted = new HashMap<>();

    private final List<Runnable> answers = new ArrayList<>();
    private final List<Step> accepted = new ArrayList<>();
    private final List<Block> kept = new ArrayList<>();
    private final Map<Cid, PreparedCommit> fresh = new LinkedHashMap<>();
    private final Set<Cid> wereWaiting = new HashSet<>();
    private final Set<Cid> givenUp = new LinkedHashSet<>();
    private @Nullable FeedRow after;
    private boolean decided;
    private boolean committing;

    /** One commit was refused so late that nothing of the transaction is good for anything. */
    static final class SpoiledException extends SyncException {
        private static final long serialVersionUID = 1L;
        /** Null if none was refused, and they only don't go together. */
        final transient @Nullable PreparedCommit culprit;

        final transient RuntimeException why;

        SpoiledException(@Nullable PreparedCommit culprit, RuntimeException why) {
            super(ErrorKind.INTERNAL, "a transaction is worked out anew: " + Reason.of(why), why);
            this.culprit = culprit;
            this.why = why;
        }
    }

    CommitTransaction(String database, Followed followed, PostgresOptions options, long attempt, SqlDialect dialect) {
        this.database = database;
        this.followed = followed;
        this.options = options;
        this.attempt = attempt;
        this.dialect = dialect;
    }

    /**
     * Stores what can be, and answers each.
     *
     * @return false if the history has to be {@linkplain Followed#follow followed} first; nothing was stored then
     * @throws SQLException nothing was stored, unless this is {@link #isInDoubt in doubt}
     */
    boolean run(Connection connection, List<PreparedCommit> group) throws SQLException {
        connection.setAutoCommit(false);
        boolean done = false;
        try {
            insertBlocks(connection, group);
            FeedRow before = FeedRow.lock(connection, database);
            followed.lock.lock();
            if (before == null || !followed.catchUp(connection, before)) {
                return false;
            }
            decide(connection, before, group);
            if (after != null) {
                committing = true;
                connection.commit();
                committing = false;
                followed.committed(after, kept);
            }
            done = true;
            decided = false;
            answers.forEach(Runnable::run);
            return true;
        } finally {
            if (!committing && (!done || after == null)) {
                rollback(connection);
            }
        }
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "rolling back failed", e);
        }
    }

    /** Whether it was about to take place when the connection went away. */
    boolean isInDoubt() {
        return committing;
    }

    /**
     * Finds out. The transaction, if the server is still at it, holds the row of the feed, so this waits for it.
     *
     * @return whether it took place; everybody is answered then
     */
    boolean resolve(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement query =
                connection.prepareStatement("select number from livesync_commits where db = ? and attempt = ?")) {
            dialect.limit(connection, options);
            FeedRow.lock(connection, database);
            query.setString(1, database);
            query.setLong(2, attempt);
            boolean took;
            try (ResultSet row = query.executeQuery()) {
                took = row.next();
            }
            committing = false;
            if (took && after != null) {
                followed.committed(after, kept);
                decided = false;
                answers.forEach(Runnable::run);
            }
            return took;
        } finally {
            rollback(connection);
        }
    }

    /** Lets go of the history, as it was before if this did not take place. */
    void end() {
        if (followed.lock.isHeldByCurrentThread()) {
            if (decided) {
                followed.takeBack();
            }
            followed.lock.unlock();
        }
    }

    private void insertBlocks(Connection connection, List<PreparedCommit> group) throws SQLException {
        dialect.limit(connection, options);
        Map<Cid, Integer> order = new HashMap<>();
        TreeMap<Cid, Block> blocks = new TreeMap<>(Sql.BY_BYTES);
        SharedView known = followed.published().view();
        for (PreparedCommit commit : group) {
            for (Block block : commit.blocks) {
                if (known.index(block.cid()) < 0 && blocks.putIfAbsent(block.cid(), block) == null) {
                    order.put(block.cid(), order.size());
                }
            }
        }
        List<Block> some = new ArrayList<>();
        int bytes = 0;
        for (Block block : blocks.values()) {
            if (!some.isEmpty() && (some.size() == STATEMENT_ROWS || bytes + block.size() > STATEMENT_BYTES)) {
                insert(connection, some, order);
                some.clear();
                bytes = 0;
            }
            some.add(block);
            bytes += block.size();
        }
        if (!some.isEmpty()) {
            insert(connection, some, order);
        }
    }

    private void insert(Connection connection, List<Block> blocks, Map<Cid, Integer> order) throws SQLException {
        Map<Cid, Integer> sizes = new HashMap<>();
        blocks.forEach(block -> sizes.put(block.cid(), block.size()));
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into livesync_blocks (db, cid, attempt, ord, bytes) select ?, c, ?, o, b from"
                        + " unnest(?, ?, ?) as t(c, o, b) order by c on conflict do nothing returning cid")) {
            insert.setString(1, database);
            insert.setLong(2, attempt);
            insert.setArray(
                    3, Sql.cids(connection, blocks.stream().map(Block::cid).toList()));
            insert.setArray(
                    4,
                    connection.createArrayOf(
                            "int4", blocks.stream().map(b -> order.get(b.cid())).toArray()));
            insert.setArray(
                    5,
                    connection.createArrayOf(
                            "bytea", blocks.stream().map(Block::toByteArray).toArray(byte[][]::new)));
            try (ResultSet row = insert.executeQuery()) {
                while (row.next()) {
                    Cid cid = StoreBlocks.cid(row.getBytes(1));
                    inserted.put(cid, sizes.getOrDefault(cid, 0));
                }
            }
        }
    }

    private void decide(Connection connection, FeedRow before, List<PreparedCommit> group) throws SQLException {
        SharedHistory history = followed.history();
        QuotaLimits limits = new QuotaLimits(
                options.documentBytes(),
                options.headsPerPeer(),
                options.pendingBytesPerPeer(),
                options.pendingMaxAge());
        long number = before.number() + 1;
        if (before.evictions() > 0) {
            bringBack(connection, number, group);
        }
        Set<Cid> refused = new HashSet<>();
        Set<Cid> needed = new HashSet<>();
        for (PreparedCommit commit : group) {
            List<Cid> unknown = commit.events.stream()
                    .map(Event::cid)
                    .filter(cid -> !history.isKnown(cid))
                    .toList();
            if (unknown.stream().anyMatch(givenUp::contains)) {
                throw new SpoiledException(null, new IllegalStateException("one brings what another one gave up"));
            }
            Outcome outcome;
            try {
                outcome = history.accept(commit.events, commit.origin, before.now(), limits);
                decided = true;
            } catch (RuntimeException e) {
                if (history.isSpoiled()) {
                    decided = true;
                    throw new SpoiledException(commit, e);
                }
                commit.blocks.forEach(block -> refused.add(block.cid()));
                answers.add(() -> commit.fail(e));
                continue;
            }
            commit.blocks.forEach(block -> needed.add(block.cid()));
            kept.addAll(commit.blocks);
            unknown.forEach(cid -> fresh.putIfAbsent(cid, commit));
            outcome.accepted().stream()
                    .map(Step::event)
                    .filter(cid -> !fresh.containsKey(cid))
                    .forEach(wereWaiting::add);
            accepted.addAll(outcome.accepted());
            givenUp.addAll(outcome.givenUp());
            long position = before.position() + accepted.size();
            answers.add(() -> commit.succeed(result(outcome, position)));
        }
        refused.removeAll(needed);
        refused.retainAll(inserted.keySet());
        if (!refused.isEmpty()) {
            remove(connection, number, refused);
        }
        write(connection, before, number);
    }

    private CommitResult result(Outcome outcome, long position) {
        Followed.Published now = followed.published();
        Cursor cursor = Cursors.cursor(now.feed(), now.view(), Math.toIntExact(position));
        return new CommitResult(
                outcome.heads(),
                outcome.accepted().stream().map(Step::event).toList(),
                outcome.pending(),
                outcome.missing(),
                cursor);
    }

    /** Blocks that were given up are there in secret, for those who read what was before; now they are back. */
    private void bringBack(Connection connection, long number, List<PreparedCommit> group) throws SQLException {
        List<Cid> there = group.stream()
                .flatMap(commit -> commit.blocks.stream())
                .map(Block::cid)
                .filter(cid -> !inserted.containsKey(cid))
                .distinct()
                .sorted(Sql.BY_BYTES)
                .toList();
        if (there.isEmpty()) {
            return;
        }
        try (PreparedStatement update =
                connection.prepareStatement("update livesync_blocks set back = ? where db = ? and cid = any(?)"
                        + " and gone is not null and back is null returning cid, octet_length(bytes)")) {
            update.setLong(1, number);
            update.setString(2, database);
            update.setArray(3, Sql.cids(connection, there));
            try (ResultSet row = update.executeQuery()) {
                while (row.next()) {
                    inserted.put(StoreBlocks.cid(row.getBytes(1)), row.getInt(2));
                }
            }
        }
    }

    /** Removes blocks of a commit that was refused. */
    private void remove(Connection connection, long number, Set<Cid> cids) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                        "delete from livesync_blocks where db = ? and attempt = ? and cid = any(?)");
                PreparedStatement hide = connection.prepareStatement(
                        "update livesync_blocks set back = null where db = ? and back = ? and cid = any(?)")) {
            remove(delete, attempt, Sql.cids(connection, cids));
            remove(hide, number, Sql.cids(connection, cids));
        }
        inserted.keySet().removeAll(cids);
    }

    private void remove(PreparedStatement statement, long number, java.sql.Array cids) throws SQLException {
        statement.setString(1, database);
        statement.setLong(2, number);
        statement.setArray(3, cids);
        statement.executeUpdate();
    }

    private void write(Connection connection, FeedRow before, long number) throws SQLException {
        List<Cid> waiting = new ArrayList<>();
        Set<Cid> complete = new HashSet<>();
        accepted.forEach(step -> complete.add(step.event()));
        for (Cid cid : fresh.keySet()) {
            if (!complete.contains(cid) && !givenUp.contains(cid)) {
                waiting.add(cid);
            }
        }
        if (inserted.isEmpty() && accepted.isEmpty() && waiting.isEmpty() && givenUp.isEmpty()) {
            return;
        }
        long blocks = before.blocks() + inserted.size();
        long bytes =
                before.bytes() + inserted.values().stream().mapToLong(i -> i).sum();
        List<Cid> gone = new ArrayList<>(givenUp);
        gone.sort(Sql.BY_BYTES);
        if (!gone.isEmpty()) {
            long[] freed = giveUp(connection, number, gone);
            blocks -= freed[0];
            bytes -= freed[1];
        }
        Set<Cid> noLonger = new HashSet<>(wereWaiting);
        gone.stream().filter(cid -> !fresh.containsKey(cid)).forEach(noLonger::add);
        long pending = before.pending() + waiting.size() - noLonger.size();
        after = new FeedRow(
                before.identity(),
                before.incarnation(),
                before.position() + accepted.size(),
                number,
                attempt,
                pending,
                before.evictions() + (gone.isEmpty() ? 0 : 1),
                blocks,
                bytes,
                before.now());
        Statements script = new Statements();
        if (!accepted.isEmpty()) {
            script.add(
                    "insert into livesync_events (db, position, cid, flags) select ?, ? + o, c, f from"
                            + " unnest(?, ?, ?) as t(o, c, f)",
                    database,
                    before.position(),
                    ordinals(connection, accepted.size(), 1),
                    Sql.cids(connection, accepted.stream().map(Step::event).toList()),
                    connection.createArrayOf(
                            "int2",
                            accepted.stream().map(CommitTransaction::flags).toArray()));
        }
        if (!waiting.isEmpty()) {
            script.add(
                    "insert into livesync_pending (db, cid, number, ord, peer, arrived) select ?, c, ?, o, p, ? from"
                            + " unnest(?, ?, ?) as t(o, c, p)",
                    database,
                    number,
                    before.now(),
                    ordinals(connection, waiting.size(), 0),
                    Sql.cids(connection, waiting),
                    connection.createArrayOf(
                            "text",
                            waiting.stream().map(cid -> peer(fresh.get(cid))).toArray()));
        }
        if (!noLonger.isEmpty()) {
            script.add(
                    "delete from livesync_pending where db = ? and cid = any(?)",
                    database,
                    Sql.cids(connection, noLonger));
        }
        script.add(
                "insert into livesync_commits (db, number, attempt, position) values (?, ?, ?, ?)",
                database,
                number,
                attempt,
                after.position());
        script.add(
                "update livesync_feed set position = ?, number = ?, attempt = ?, pending = ?, evictions = ?, blocks = ?,"
                        + " bytes = ? where db = ?",
                after.position(),
                number,
                attempt,
                pending,
                after.evictions(),
                blocks,
                bytes,
                database);
        script.run(connection);
    }

    private static String peer(@Nullable PreparedCommit commit) {
        if (commit == null) {
            throw new SyncException(ErrorKind.INTERNAL, "nobody brought an event that waits");
        }
        return commit.origin.peer();
    }

    private static java.sql.Array ordinals(Connection connection, int count, int from) throws SQLException {
        return connection.createArrayOf(
                "int4",
                java.util.stream.IntStream.range(from, from + count).boxed().toArray());
    }

    private static Short flags(Step step) {
        return (short) ((step.interior() ? StoreFeed.INTERIOR : 0) | (step.startsCommit() ? StoreFeed.STARTS : 0));
    }

    /** Hides blocks from this commit on; returns how many, and their bytes. */
    private long[] giveUp(Connection connection, long number, List<Cid> gone) throws SQLException {
        long[] freed = new long[2];
        try (PreparedStatement update =
                connection.prepareStatement("update livesync_blocks set gone = ?, back = null where db = ?"
                        + " and cid = any(?) returning octet_length(bytes)")) {
            update.setLong(1, number);
            update.setString(2, database);
            update.setArray(3, Sql.cids(connection, gone));
            try (ResultSet row = update.executeQuery()) {
                while (row.next()) {
                    freed[0]++;
                    freed[1] += row.getInt(1);
                }
            }
        }
        return freed;
    }

    /** Statements that go to the server together. */
    private static final class Statements {
        private final StringBuilder sql = new StringBuilder();
        private final List<Object> parameters = new ArrayList<>();

        void add(String statement, Object... values) {
            sql.append(sql.isEmpty() ? "" : "; ").append(statement);
            parameters.addAll(List.of(values));
        }

        void run(Connection connection) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
                for (int i = 0; i < parameters.size(); i++) {
                    Object value = parameters.get(i);
                    if (value instanceof java.sql.Array array) {
                        statement.setArray(i + 1, array);
                    } else if (value instanceof Long number) {
                        statement.setLong(i + 1, number);
                    } else {
                        statement.setString(i + 1, (String) value);
                    }
                }
                statement.execute();
            }
        }
    }
}
