package dev.livesync.database.log;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.StorageFailures;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: transactions that wait while one is being forced to the disk go there together, as one record and with one
 * force. There is no thread; of those who wait, one works for all.
 *
 * <p>Two steps. {@link #add}, under the database's writer lock, fixes the order and makes the blocks readable to the next
 * writer. {@link #await}, without that lock, returns when the transaction is durable.
 *
 * @param <P> what is published when a transaction is durable
 */
public class CommitQueue<P> {
    private static final System.Logger LOG = System.getLogger(CommitQueue.class.getName());

    /** The most bytes in one record, unless a single transaction is larger. */
    private static final long GROUP_BYTES = 8 << 20;

    private static final Transaction NOTHING =
            new Transaction(0, false, "", List.of(), List.of(), List.of(), List.of(), null);

    /**
     * Learns what is durable. Called by the thread that writes, one call at a time.
     *
     * @param <P> what is published then
     */
    @FunctionalInterface
    public interface Listener<P> {
        /**
         * Called when a transaction is durable, as all before it are. Called once for each, in their order.
         *
         * @param publication what was given to {@link CommitQueue#add}
         */
        void durable(P publication);
    }

    /**
     * A transaction that was added, durable or not.
     *
     * @param <P> what is published when it is durable
     */
    public static final class Ticket<P> {
        /** An empty one once it is done: the last ticket is kept, and blocks may be large. */
        private Transaction transaction;

        private final int firstNumber;
        private final P publication;
        private final long bytes;
        private volatile boolean done;
        private volatile @Nullable SyncException failure;

        private Ticket(Transaction transaction, int firstNumber, P publication) {
            this.transaction = transaction;
            this.firstNumber = firstNumber;
            this.publication = publication;
            long sum = 0;
            for (Transaction.Entry e : transaction.blocks()) {
                sum += e.block().size();
            }
            this.bytes = sum;
        }

        private void finish() {
            transaction = NOTHING;
            done = true;
        }

        /**
         * The publication that was given to {@link CommitQueue#add}.
         *
         * @return the publication
         */
        public P publication() {
            return publication;
        }
    }

    private final SegmentLog log;
    private final BlockStore store;
    private final Listener<P> listener;
    private final ReentrantLock writing = new ReentrantLock();
    private final ArrayDeque<Ticket<P>> queue = new ArrayDeque<>();
    private @Nullable SyncException broken;
    private @Nullable Ticket<P> last;
    private volatile long durableEnd;

    /**
     * Creates an empty queue.
     *
     * @param log where transactions go
     * @param store learns of their blocks
     * @param listener learns what became of them
     */
    public CommitQueue(SegmentLog log, BlockStore store, Listener<P> listener) {
        this.log = log;
        this.store = store;
        this.listener = listener;
        this.durableEnd = log.end();
    }

    /**
     * Adds a transaction. One thread at a time.
     *
     * @param transaction what to write
     * @param publication asked, once its blocks are in the store, for what the listener gets when it is durable
     * @return what to wait for
     */
    public Ticket<P> add(Transaction transaction, Supplier<P> publication) {
        int firstNumber = store.addUnwritten(transaction.blocks());
        Ticket<P> ticket = new Ticket<>(transaction, firstNumber, publication.get());
        synchronized (queue) {
            last = ticket;
            if (broken == null) {
                queue.add(ticket);
            } else {
                ticket.failure = broken;
                ticket.finish();
            }
        }
        return ticket;
    }

    /**
     * The transaction that was added last: whoever builds on it waits for it.
     *
     * @return the ticket, or null if there was none
     */
    public @Nullable Ticket<P> last() {
        synchronized (queue) {
            return last;
        }
    }

    /**
     * Waits until a transaction is durable, and writes if nobody else does. Not interruptible: the outcome must be known.
     *
     * @param ticket the transaction; null waits for nothing
     * @throws SyncException {@link ErrorKind#STORAGE} if it could not be written; it does not exist then
     */
    public void await(@Nullable Ticket<P> ticket) {
        if (ticket == null) {
            return;
        }
        while (!ticket.done) {
            writing.lock();
            try {
                if (!ticket.done) {
                    writeGroup();
                }
            } finally {
                writing.unlock();
            }
        }
        SyncException failure = ticket.failure;
        if (failure != null) {
            throw new SyncException(failure.kind(), String.valueOf(failure.getMessage()), failure);
        }
    }

    /**
     * How many transactions wait, without those that are being written.
     *
     * @return a count
     */
    public int waiting() {
        synchronized (queue) {
            return queue.size();
        }
    }

    /**
     * Whether writing failed. Nothing that was added and not reported durable exists then, and nothing more will be written: the
     * log is to be rolled back to {@link #durableEnd} and everything that was built on it read again.
     *
     * @return why, or null
     */
    public @Nullable SyncException broken() {
        synchronized (queue) {
            return broken;
        }
    }

    /**
     * The end of the log after the last durable transaction.
     *
     * @return a {@link Location}
     */
    public long durableEnd() {
        return durableEnd;
    }

    private void writeGroup() {
        List<Ticket<P>> group = nextGroup();
        if (group.isEmpty()) {
            return;
        }
        SyncException failure = null;
        CommitRecorder recorder = CommitRecorders.next();
        recorder.begun();
        long force = 0;
        try {
            force = write(group);
        } catch (IOException e) {
            failure = StorageFailures.storage("cannot write to " + log.describe(log.end()), e);
        } catch (SyncException e) {
            failure = e;
        } catch (OutOfMemoryError e) {
            failure = StorageFailures.memory("cannot write to " + log.describe(log.end()), e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "cannot write a commit", e);
            failure =
                    new SyncException(ErrorKind.INTERNAL, "cannot write a commit: " + e, e); // nobody may wait for ever
        }
        long bytes = group.stream().mapToLong(t -> t.bytes).sum();
        recorder.ended(group.size(), bytes, force, failure == null);
        try {
            if (failure == null) {
                log.counts().transactions.add(group.size());
                durableEnd = log.end();
                group.forEach(t -> listener.durable(t.publication));
            } else {
                breakDown(failure);
            }
        } finally {
            for (Ticket<P> t : group) {
                t.failure = failure;
                t.finish();
            }
        }
    }

    /**
     * Ends the queue as a failed write does. No transaction is waiting.
     *
     * @param cause why
     */
    public void giveUp(SyncException cause) {
        breakDown(cause);
    }

    private void breakDown(SyncException cause) {
        synchronized (queue) {
            broken = cause;
            for (Ticket<P> t : queue) {
                t.failure = cause;
                t.finish();
            }
            queue.clear();
        }
    }

    private List<Ticket<P>> nextGroup() {
        List<Ticket<P>> group = new ArrayList<>();
        long bytes = 0;
        synchronized (queue) {
            for (Ticket<P> t = queue.peek();
                    t != null && (group.isEmpty() || bytes + t.bytes <= GROUP_BYTES);
                    t = queue.peek()) {
                bytes += t.bytes;
                group.add(queue.remove());
            }
        }
        return group;
    }

    /** Returns how long the force took. */
    private long write(List<Ticket<P>> group) throws IOException {
        List<ByteBuffer> payload = new ArrayList<>();
        long[] heads = new long[group.size()];
        int count = 0;
        for (Ticket<P> t : group) {
            List<ByteBuffer> parts = t.transaction.encode();
            heads[count++] = parts.get(0).remaining();
            payload.addAll(parts);
        }
        WorkCounts counts = log.counts();
        counts.bytesWritten.add(
                payload.stream().mapToLong(ByteBuffer::remaining).sum());
        long location = log.append(payload);
        long begun = counts.forces.begin();
        log.force();
        long force = counts.forces.done(begun);
        count = 0;
        for (Ticket<P> t : group) {
            location += heads[count++];
            store.written(t.firstNumber, t.transaction.blocks(), location);
            location += t.bytes;
        }
        return force;
    }
}
