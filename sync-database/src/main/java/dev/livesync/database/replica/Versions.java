package dev.livesync.database.replica;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.StorageFailures;
import dev.livesync.database.log.BlockStore;
import dev.livesync.database.log.CommitQueue;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.log.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The versions of a database: the latest one, on which the next commit builds, durable or not, and the one that is published, all of which
 * is durable. Readers take what is published, without a lock. Everything else is done under {@link #lock}, but for
 * waiting for the disk.
 *
 * <p>Should the disk fail, or a commit break off half-way, what was built in memory is dropped; the next writer reads it afresh from
 * what is durable. Readers keep what was published.
 */
final class Versions {
    /** Held by whoever writes, for moments. */
    final ReentrantLock lock = new ReentrantLock();

    private final SegmentLog log;
    private final Settings settings;
    private final Notifier notifier;
    private volatile StoredView published;
    private volatile boolean closed;

    /** Replaced under the lock. */
    private volatile CommitQueue<StoredStep> queue;

    // The rest is guarded by the lock.
    /** What the next commit builds on; null after one broke off. */
    private @Nullable StoredView latest;
    /** Stores that are no longer in use and whose files somebody reads all the same. */
    private final List<BlockStore> earlier = new ArrayList<>();

    /** The first version, which was read from the log. */
    Versions(SegmentLog log, WriterState writer, Settings settings, Notifier notifier) {
        this.log = log;
        this.settings = settings;
        this.notifier = notifier;
        this.queue = settings.parts().queue(log, writer.store, this::publish);
        this.published = StoredView.of(writer);
        this.latest = published;
    }

    /** What is durable now; any thread, without the lock. */
    StoredView published() {
        return published;
    }

    /** How many transactions wait for the disk; any thread, without the lock. */
    int waiting() {
        return queue.waiting();
    }

    /** Refuses what comes after {@link #close}; any thread, without the lock. */
    void requireOpen() {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the database is closed");
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** False if it was closed before. */
    boolean close() {
        lock.lock();
        try {
            boolean first = !closed;
            closed = true;
            return first;
        } finally {
            lock.unlock();
        }
    }

    private void publish(StoredStep step) {
        published = step.stored;
        notifier.changed(step);
    }

    /** The version to build on, read afresh if it has to be. */
    StoredView latest() {
        requireOpen();
        StoredView view = latest;
        SyncException broken = queue.broken();
        if (view != null && broken == null) {
            return view;
        }
        if (broken == null) {
            queue.await(queue.last()); // what others have added stays
            broken = queue.broken();
        }
        try {
            if (broken != null) {
                log.rollback(queue.durableEnd());
            }
            log.requireDurable(queue.durableEnd());
            WriterState writer = WriterState.load(log, settings);
            queue = settings.parts().queue(log, writer.store, this::publish);
            view = StoredView.of(writer);
        } catch (IOException e) {
            throw StorageFailures.storage(
                    "cannot recover from a failed write at " + log.describe(queue.durableEnd()), e);
        }
        latest = view;
        BlockStore old = published.store;
        old.succeededBy(view.store);
        old.whenReleased(() -> {});
        retire(old);
        published = view;
        return view;
    }

    /**
     * Changes the writer state and hands the transaction to the queue.
     *
     * @param source who brought it
     */
    StoredView append(StoredView before, ChangeSource source, Supplier<Transaction> change) {
        latest = null; // until it is known to be whole again
        Transaction transaction = change.get();
        int[] changed = before.writer.publish();
        before.writer.added(transaction.blocks());
        StoredView after = queue.add(transaction, () -> new StoredStep(before.next(changed), changed, source))
                .publication()
                .stored;
        latest = after;
        return after;
    }

    /**
     * How to wait until the latest version is durable: on any thread, without the lock. It throws {@link ErrorKind#STORAGE} if the disk
     * fails; the version does not exist then.
     */
    Runnable durability() {
        CommitQueue<StoredStep> tickets = queue;
        CommitQueue.Ticket<StoredStep> ticket = tickets.last();
        return () -> tickets.await(ticket);
    }

    /** Waits for what is on its way, so that the writer state, the log and what is published are the same; false if something is broken. */
    boolean quiesce() {
        try {
            queue.await(queue.last());
        } catch (SyncException e) {
            return false; // its writer is told, and the next one mends it
        }
        return latest != null && latest == published && queue.broken() == null;
    }

    /** Whether the next commit changes this writer state, and not one that is still to be read. */
    boolean isCurrent(WriterState writer) {
        return !closed && latest != null && latest.writer == writer && queue.broken() == null;
    }

    /** The end of the log after the last durable transaction. */
    long durableEnd() {
        return queue.durableEnd();
    }

    /** Publishes the same documents in another store. Nothing is on its way; should the change throw, all is read afresh. */
    void moveTo(WriterState writer, Runnable change) {
        StoredView now = published;
        latest = null; // until it is known to be whole again
        change.run();
        retire(now.store);
        queue = settings.parts().queue(log, writer.store, this::publish);
        republish(now);
    }

    /** Publishes the same documents with what the writer state knows of them by now. Nothing is on its way. */
    void republish(StoredView now) {
        latest = now.next(new int[0]);
        published = latest;
    }

    /** Has all that follows written to a new segment. Nothing is on its way. */
    void rollOver() throws IOException {
        boolean rolled = false;
        try {
            log.rollOver();
            rolled = true;
        } finally {
            if (!rolled) {
                queue.giveUp(new SyncException(ErrorKind.STORAGE, "cannot begin a new segment"));
            }
        }
    }

    /** Ends the log without a mark if something is broken: what is not durable is taken back. False if all is well. */
    boolean abandonIfBroken() throws IOException {
        if (queue.broken() == null) {
            return false;
        }
        try {
            log.rollback(queue.durableEnd());
        } finally {
            log.abandon();
        }
        return true;
    }

    private void retire(BlockStore store) {
        earlier.removeIf(s -> !s.isPinned());
        if (store.isPinned()) {
            earlier.add(store);
        }
    }

    /** Whether somebody reads files that are not to go before he has done. */
    boolean isEarlierRead() {
        earlier.removeIf(s -> !s.isPinned());
        return !earlier.isEmpty() || log.keepsReplaced();
    }
}
