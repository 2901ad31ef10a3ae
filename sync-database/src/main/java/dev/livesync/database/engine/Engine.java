package dev.livesync.database.engine;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.car.Keys;
import dev.livesync.database.store.CommitQueue;
import dev.livesync.database.store.Disk;
import dev.livesync.database.store.Failures;
import dev.livesync.database.store.SegmentLog;
import dev.livesync.database.store.Transaction;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes commits one after another, local and remote ones.
 *
 * <p>A commit has two halves. Under the lock it is worked out on top of the latest one, durable or not, and handed to the
 * {@link CommitQueue}. Then, without the lock, its writer waits for the disk, which serves all who wait at once. Only what is durable is
 * published, so nobody ever sees what a crash could take back.
 *
 * <p>Should the disk fail, or a commit break off half-way, what was built in memory is dropped; the next writer reads it afresh from
 * what is durable. Readers keep what was published.
 */
public final class Engine implements Replica, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Engine.class.getName());

    private final SegmentLog log;
    private final Settings settings;
    private final Notifier notifier;
    private final FeedReader feed;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile State published;
    private volatile boolean closed;

    // The rest is guarded by the lock.
    private CommitQueue queue;
    /** What the next commit builds on; null after one broke off. */
    private @Nullable State latest;
    /** A commit on its way: what becomes visible, and the ids that listeners hear of. */
    private record Publication(State state, Supplier<List<String>> changedIds) {}

    private Engine(SegmentLog log, Core core, Settings settings, String name) {
        this.log = log;
        this.settings = settings;
        this.notifier = new Notifier("livesync-database-" + name);
        this.feed = new FeedReader(log.database());
        this.queue = new CommitQueue(log, core.store, this::publish);
        this.published = State.of(core);
        this.latest = published;
    }

    /**
     * Opens the database on a disk, or creates one.
     *
     * @param disk where; belongs to the engine from here on, even if opening fails
     * @param settings how
     * @param name for its thread
     * @return the engine
     * @throws SyncException {@link ErrorKind#STORAGE}, {@link ErrorKind#CORRUPT}, {@link ErrorKind#MALFORMED}, {@link
     *     ErrorKind#UNSUPPORTED}; nothing is left open then
     */
    public static Engine open(Disk disk, Settings settings, String name) {
        SegmentLog log = null;
        boolean opened = false;
        try {
            log = SegmentLog.open(disk, settings.segmentBytes(), settings.random());
            Engine engine = new Engine(log, Core.load(log, settings), settings, name);
            opened = true;
            return engine;
        } catch (IOException e) {
            throw Failures.storage("cannot open database " + disk.describe(""), e);
        } finally {
            if (!opened) {
                abandon(disk, log);
            }
        }
    }

    private static void abandon(Disk disk, @Nullable SegmentLog log) {
        try {
            if (log == null) {
                disk.close();
            } else {
                log.abandon();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing after a failure failed", e);
        }
    }

    /**
     * What is durable now.
     *
     * @return the state, which never changes
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    public State state() {
        requireOpen();
        return published;
    }

    /**
     * Refuses what comes after {@link #close}.
     *
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    public void requireOpen() {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the database is closed");
        }
    }

    private void publish(Object publication) {
        Publication p = (Publication) publication;
        published = p.state;
        notifier.changed(p.changedIds);
    }

    private static List<String> ids(State state, int[] keys) {
        return Arrays.stream(keys).mapToObj(key -> Keys.toId(state.key(key))).toList();
    }

    /** The state to build on. */
    private State latest() {
        requireOpen();
        State state = latest;
        SyncException broken = queue.broken();
        if (state != null && broken == null) {
            return state;
        }
        if (broken == null) {
            queue.await(queue.last()); // what others have added stays
            broken = queue.broken();
        }
        try {
            if (broken != null) {
                log.rollback(queue.durableEnd());
            }
            Core core = Core.load(log, settings);
            queue = new CommitQueue(log, core.store, this::publish);
            state = State.of(core);
        } catch (IOException e) {
            throw Failures.storage("cannot recover from a failed write at " + log.describe(queue.durableEnd()), e);
        }
        latest = state;
        published = state;
        return state;
    }

    /**
     * Writes puts and deletes of the database's own user: one event each, chained, the last one with the tree.
     *
     * @param operations in this order; each key once, and the puts before the deletes
     * @return what was written; all of it is durable
     * @throws SyncException {@link ErrorKind#CONFLICT}, {@link ErrorKind#NOT_FOUND}, {@link ErrorKind#LIMIT_EXCEEDED}, {@link
     *     ErrorKind#STORAGE}, {@link ErrorKind#CLOSED}; nothing was written then
     */
    public Written write(List<Operation> operations) {
        CommitQueue tickets;
        CommitQueue.@Nullable Ticket ticket;
        Written written;
        lock.lock();
        try {
            State before = latest();
            if (TreeRebuild.isDue(before.core)) {
                before = rebuildTree(before);
            }
            LocalWrite write = LocalWrite.prepare(before, operations, settings);
            State after = write.events().isEmpty() ? before : append(before, write::apply);
            written = new Written(write.events(), after.heads);
            tickets = queue;
            ticket = tickets.last();
        } finally {
            lock.unlock();
        }
        tickets.await(ticket);
        return written;
    }

    /** Brings the stored tree up to date, in several transactions: it may be as large as the database. */
    private State rebuildTree(State before) {
        TreeRebuild rebuild = new TreeRebuild(before, settings.clock().millis());
        State now = before;
        while (rebuild.hasNext()) {
            Transaction part = rebuild.next();
            now = append(now, () -> rebuild.apply(part));
            queue.await(queue.last());
        }
        return now;
    }

    @Override
    public CommitResult commit(Commit commit) {
        CommitQueue tickets;
        CommitQueue.@Nullable Ticket ticket;
        CommitResult result;
        lock.lock();
        try {
            State before = latest();
            RemoteCommit remote = new RemoteCommit(before.core, commit, settings);
            remote.requireWithinLimits();
            State after = remote.bringsNothing() ? before : append(before, remote::apply);
            List<Cid> pending = remote.pending();
            result = new CommitResult(
                    after.heads,
                    remote.accepted(),
                    pending,
                    after.core.pending.missing(pending),
                    feed.cursor(after.events));
            tickets = queue;
            ticket = tickets.last();
        } finally {
            lock.unlock();
        }
        // Even if nothing was new: what it builds on may still be on its way.
        tickets.await(ticket);
        return result;
    }

    /** Changes the core and hands the transaction to the queue. */
    private State append(State before, Supplier<Transaction> change) {
        latest = null; // until it is known to be whole again
        Transaction transaction = change.get();
        int[] changed = before.core.publish();
        for (Transaction.Entry e : transaction.blocks()) {
            before.core.bytes += e.block().size();
        }
        State[] next = new State[1];
        queue.add(transaction, () -> {
            State after = before.next(changed);
            next[0] = after;
            return new Publication(after, () -> ids(after, changed));
        });
        latest = next[0];
        return next[0];
    }

    @Override
    public Snapshot snapshot() {
        State state = state();
        return new EngineSnapshot(state, feed.cursor(state.events), this::requireOpen);
    }

    @Override
    public Changes changes(Cursor after, int maxEvents) {
        return feed.read(state(), after, maxEvents);
    }

    @Override
    public Subscription onChange(Runnable wakeUp) {
        requireOpen();
        return notifier.onChange(wakeUp);
    }

    /**
     * Has a listener told of the documents that changed.
     *
     * @param listener receives ids, as {@link dev.livesync.database.DocumentListener} says
     * @return ends it
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    public Subscription onDocuments(Consumer<List<String>> listener) {
        requireOpen();
        return notifier.onDocuments(listener);
    }

    /**
     * Checks everything that is durable now.
     *
     * @param progress told how far it is
     * @return what was found
     * @throws SyncException {@link ErrorKind#STORAGE}, {@link ErrorKind#CLOSED}
     */
    public Verifier.Report verify(Verifier.Progress progress) {
        State state = state();
        long upTo;
        lock.lock();
        try {
            upTo = queue.durableEnd();
        } finally {
            lock.unlock();
        }
        try {
            return new Verifier(state).run(log, upTo, progress);
        } catch (IOException e) {
            throw Failures.storage("cannot read the database", e);
        }
    }

    /** Waits for the commits that are on their way, then closes the files and ends the thread. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            try {
                queue.await(queue.last());
            } catch (SyncException e) {
                LOG.log(Level.DEBUG, "the last commit before closing failed", e); // its writer knows
            }
            if (queue.broken() == null) {
                log.close();
            } else {
                log.rollback(queue.durableEnd());
                log.abandon();
            }
        } catch (IOException e) {
            // Everything acknowledged is durable already; only the mark of an orderly end is missing.
            LOG.log(Level.WARNING, "closing a database: " + e.getMessage());
        } finally {
            lock.unlock();
            notifier.close();
        }
    }
}
