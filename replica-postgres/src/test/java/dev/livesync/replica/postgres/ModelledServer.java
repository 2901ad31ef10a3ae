package dev.livesync.replica.postgres;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.replica.postgres.ModelledTables.BlockRow;
import dev.livesync.replica.postgres.ModelledTables.PendingRow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A model of a PostgreSQL server, with nothing but what replicas ask of one: their tables, transactions that see what is committed, rows that belong to the transaction that has locked
 * or written them until it ends, and keys that are there once. What is committed is on two nodes, unless somebody makes a node the primary that has less.
 *
 * <p>Two transactions of one thread can't wait for each other: the one below goes on only when the one above has ended. Then either the server takes the one that stands still back, as
 * after {@code idle_in_transaction_session_timeout}, or the other one has waited for {@code lock_timeout}.
 *
 * <p>Any thread.
 */
public final class ModelledServer {
    private static final long LOCK_TIMEOUT = TimeUnit.SECONDS.toNanos(5);

    private final LongSupplier millis;
    private final BooleanSupplier takesBack;
    private final Map<String, ModelledTables> databases = new TreeMap<>();
    private final Set<ModelledLink> links = new LinkedHashSet<>();
    private final Set<ModelledTransaction> open = new LinkedHashSet<>();
    /** How to undo each commit; the last one first. */
    private final List<List<Runnable>> log = new ArrayList<>();

    private int troubles;
    private boolean down;
    private boolean full;
    private boolean unlocked;

    /**
     * Makes one, with empty tables.
     *
     * @param millis the server's clock
     * @param takesBack whether of two transactions that can't wait for each other the one that stands still is taken back
     */
    public ModelledServer(LongSupplier millis, BooleanSupplier takesBack) {
        this.millis = millis;
        this.takesBack = takesBack;
    }

    /**
     * A hub's way to the server.
     *
     * @return a link of its own
     */
    public synchronized ModelledLink link() {
        ModelledLink link = new ModelledLink(this);
        links.add(link);
        return link;
    }

    long millis() {
        return millis.getAsLong();
    }

    boolean isDown() {
        return down;
    }

    boolean isFull() {
        return full;
    }

    /** The primary dies, and with it all connections and what was not committed. Commits that nobody waits for any more end either way. */
    public synchronized void kill() {
        down = true;
        List.copyOf(links).forEach(ModelledLink::cut);
        List.copyOf(open).forEach(transaction -> end(transaction, false));
        notifyAll();
    }

    /** Another node is the primary, with all that was acknowledged. */
    public synchronized void promote() {
        down = false;
    }

    /**
     * A node becomes the primary that lacks the last commits, or an old backup is restored.
     *
     * @param commits how many, of all databases; a database is never taken back to before it was created
     * @return how many it were
     */
    public synchronized int goBack(int commits) {
        kill();
        int undone = 0;
        while (undone < commits && !log.isEmpty()) {
            log.remove(log.size() - 1).forEach(Runnable::run);
            undone++;
        }
        down = false;
        return undone;
    }

    /**
     * How many commits there were that can be lost.
     *
     * @return a count
     */
    public synchronized int commits() {
        return log.size();
    }

    /**
     * From now on there is no room on the disk, or there is.
     *
     * @param isFull whether
     */
    public synchronized void full(boolean isFull) {
        full = isFull;
    }

    /** A mistake: locks are not waited for, and keys may be there twice, of which the last one counts. */
    public void unlocked() {
        unlocked = true;
    }

    boolean isUnlocked() {
        return unlocked;
    }

    synchronized ModelledTables tables(String database) {
        return databases.computeIfAbsent(database, none -> new ModelledTables());
    }

    synchronized ModelledTransaction begin(Runnable onEnd) {
        ModelledTransaction transaction = new ModelledTransaction(onEnd);
        open.add(transaction);
        return transaction;
    }

    synchronized void end(ModelledTransaction transaction, boolean commits) {
        open.remove(transaction);
        boolean counts = !transaction.isEmpty() && !transaction.creates;
        List<Runnable> undo = commits ? transaction.commit() : List.of();
        transaction.end();
        if (commits && counts) {
            log.add(undo);
        }
        notifyAll();
    }

    /** The one who committed is gone before the answer; the server ends it when it likes. */
    synchronized void leave(ModelledTransaction transaction) {
        transaction.left = true;
    }

    /** Waits until nobody else has a row, and holds it. */
    synchronized <K extends Comparable<? super K>> void hold(
            ModelledTransaction transaction, ModelledTable<K, ?> table, K key) throws SQLException {
        if (unlocked) {
            return;
        }
        long end = System.nanoTime() + LOCK_TIMEOUT;
        for (ModelledTransaction holder = table.holder(key);
                holder != null && holder != transaction;
                holder = table.holder(key)) {
            if (holder.left) {
                end(holder, true);
            } else if (holder.thread != Thread.currentThread()) {
                await(end);
            } else if (takesBack.getAsBoolean()) {
                trouble();
                end(holder, false);
                holder.onEnd.run();
            } else {
                trouble();
                throw new SQLException("canceling statement due to lock timeout", "55P03");
            }
        }
        if (table.holder(key) == null) {
            transaction.hold(table, key);
        }
    }

    private void await(long end) throws SQLException {
        try {
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new SQLException("canceling statement due to lock timeout", "55P03");
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("canceling statement due to user request", "57014", e);
        }
    }

    void trouble() {
        troubles++;
    }

    /**
     * How often something was refused, or a connection broke.
     *
     * @return a count that only grows
     */
    public int troubles() {
        return troubles;
    }

    // ---- what those see who look from the side

    /**
     * The complete events that are stored, in order.
     *
     * @param database its name
     * @return their CIDs
     */
    public synchronized List<Cid> events(String database) {
        return tables(database).events.committed().values().stream()
                .map(ModelledTables.EventRow::cid)
                .toList();
    }

    /**
     * How the feed of a database is named now.
     *
     * @param database its name
     * @return the incarnation; empty if there is no such database
     */
    public synchronized String incarnation(String database) {
        FeedRow feed = tables(database).feed.committed().get(ModelledTables.ONLY);
        return feed == null ? "" : feed.incarnation();
    }

    /**
     * A stored event.
     *
     * @param database the database's name
     * @param event its CID
     * @return null if it is not stored
     */
    public synchronized @Nullable Event event(String database, Cid event) {
        BlockRow row = tables(database).blocks.committed().get(event);
        return row == null ? null : StoredOrder.event(event, row);
    }

    /**
     * What is wrong with a database by what is stored alone.
     *
     * @param database its name
     * @return words, none if nothing is
     */
    public synchronized List<String> problems(String database) {
        ModelledTables tables = tables(database);
        FeedRow feed = tables.feed.committed().get(ModelledTables.ONLY);
        List<String> problems = new ArrayList<>();
        if (feed == null) {
            return problems;
        }
        Map<Cid, PendingRow> pending = tables.pending.committed();
        Map<Cid, BlockRow> seen = new TreeMap<>(tables.blocks.committed());
        seen.values()
                .removeIf(
                        row -> !tables.attempts.committed().containsKey(row.attempt()) || !row.isSeenAt(feed.number()));
        count(problems, "events", feed.position(), tables.events.committed().size());
        count(problems, "waiting events", feed.pending(), pending.size());
        count(problems, "blocks", feed.blocks(), seen.size());
        count(
                problems,
                "bytes",
                feed.bytes(),
                seen.values().stream().mapToLong(row -> row.bytes().length).sum());
        count(problems, "commits", feed.number(), tables.commits.committed().size());
        new StoredOrder(seen, events(database), pending.keySet()).problems().forEach(problems::add);
        return problems;
    }

    private static void count(List<String> problems, String what, long said, long there) {
        if (said != there) {
            problems.add("the row of the feed counts " + said + " " + what + ", and there are " + there);
        }
    }

    /**
     * Damages a block.
     *
     * @param database its name
     * @param block which
     */
    synchronized void damage(String database, Cid block) {
        ModelledTable<Cid, BlockRow> blocks = tables(database).blocks;
        BlockRow row = blocks.committed().get(block);
        if (row != null) {
            byte[] bytes = row.bytes().clone();
            bytes[0] = (byte) ~bytes[0];
            blocks.apply(block, new BlockRow(row.attempt(), row.ord(), row.gone(), row.back(), bytes));
        }
    }

    synchronized void closed(ModelledLink link) {
        links.remove(link);
    }
}
