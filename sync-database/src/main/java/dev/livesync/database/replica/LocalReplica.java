package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.StorageFailures;
import dev.livesync.database.log.BlockStore;
import dev.livesync.database.log.CommitQueue;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.log.Transaction;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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
public final class LocalReplica implements Replica, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LocalReplica.class.getName());

    /** How far sessions may be behind and still find the nodes that were written with an event. */
    private static final int RECENT_EVENTS = 1_024;
    /** Takes over what is written meanwhile, until little is left or this often. */
    private static final int MOST_ROUNDS = 8;
    /** How often a tree is made anew because too much came meanwhile; then writers wait for it. */
    private static final int MOST_REBUILDS = 3;
    /** How much of a segment must be dead for it to be written anew without being asked. */
    private static final double WORTH_WHILE = 0.125;

    private final SegmentLog log;
    private final Settings settings;
    private final boolean readOnly;
    private final Notifier notifier;
    private final FeedReader feed;
    private final ReentrantLock lock = new ReentrantLock();
    /** Held by whoever compacts or writes a checkpoint; taken before the other one. */
    private final ReentrantLock tidying = new ReentrantLock();
    /** Held by the writer who makes a tree anew; taken before the others. */
    private final ReentrantLock rebuilding = new ReentrantLock();

    private final MaintenancePolicy policy;
    private final Maintenance maintenance;

    private volatile ReadView published;
    private volatile boolean closed;

    // The rest is guarded by the lock.
    private CommitQueue<Publication> queue;
    /** What the next commit builds on; null after one broke off. */
    private @Nullable ReadView latest;
    /** Stores that are no longer in use and whose files somebody reads all the same. */
    private final List<BlockStore> earlier = new ArrayList<>();
    /** A commit on its way: what becomes visible, and the ids that listeners hear of. */
    private record Publication(ReadView view, Supplier<List<String>> changedIds) {}

    private LocalReplica(SegmentLog log, WriterState writer, Settings settings, String name, boolean readOnly) {
        this.readOnly = readOnly;
        this.log = log;
        this.settings = settings;
        this.notifier = new Notifier("livesync-database-" + name);
        this.feed = new FeedReader(log.database(), writer.repairs, writer.restored);
        this.queue = settings.parts().queue(log, writer.store, this::publish);
        this.policy = new MaintenancePolicy(settings, writer.checkpointBytes);
        this.maintenance = new Maintenance(settings.maintenance(), "livesync-maintenance-" + name, this::tidyUp);
        this.published = ReadView.of(writer);
        this.latest = published;
    }

    /**
     * Opens the database on a disk, or creates one.
     *
     * @param disk where; belongs to the replica from here on, even if opening fails
     * @param settings how
     * @param name for its thread
     * @return the replica
     * @throws SyncException {@link ErrorKind#STORAGE}, {@link ErrorKind#CORRUPT}, {@link ErrorKind#MALFORMED}, {@link
     *     ErrorKind#UNSUPPORTED}; nothing is left open then
     */
    public static LocalReplica open(Disk disk, Settings settings, String name) {
        return open(disk, settings, name, false);
    }

    /**
     * Opens a database to read what is in it now. Nothing is written.
     *
     * @param disk where; belongs to the replica from here on, even if opening fails
     * @param settings how
     * @param name for its thread
     * @return the replica, which refuses to write
     * @throws SyncException as {@link #open}, and {@link ErrorKind#NOT_FOUND}
     */
    public static LocalReplica openReadOnly(Disk disk, Settings settings, String name) {
        return open(disk, settings, name, true);
    }

    private static LocalReplica open(Disk disk, Settings settings, String name, boolean readOnly) {
        SegmentLog log = null;
        boolean opened = false;
        try {
            log = readOnly
                    ? SegmentLog.openReadOnly(disk)
                    : settings.parts().log(disk, settings.segmentBytes(), settings.random());
            LocalReplica replica = new LocalReplica(log, WriterState.load(log, settings), settings, name, readOnly);
            opened = true;
            return replica;
        } catch (IOException e) {
            throw StorageFailures.storage("cannot open database " + disk.describe(""), e);
        } catch (OutOfMemoryError e) {
            throw StorageFailures.memory("cannot open database " + disk.describe(""), e);
        } finally {
            if (!opened) {
                abandon(disk, log);
            }
        }
    }

    /**
     * Takes blocks that a repair has salvaged or that were in a backup, as if a peer had sent them.
     *
     * @param blocks any
     */
    public void readmit(List<Block> blocks) {
        List<Block> others = new ArrayList<>();
        List<Event> events = new ArrayList<>();
        for (Block block : blocks) {
            Events.tryDecode(block, WriterState.STORED).ifPresentOrElse(events::add, () -> others.add(block));
        }
        commit(new Commit(others, events, Origin.LOCAL));
    }

    /** Closes what a failure has left open. */
    static void abandon(Disk disk, @Nullable SegmentLog log) {
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
     * @return the view, which never changes
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    public ReadView view() {
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

    private void publish(Publication publication) {
        published = publication.view;
        notifier.changed(publication.changedIds);
    }

    private static Publication publication(ReadView view, int[] changedKeys) {
        return new Publication(view, () -> ids(view, changedKeys));
    }

    private static List<String> ids(ReadView view, int[] keys) {
        return Arrays.stream(keys).mapToObj(key -> Keys.toId(view.key(key))).toList();
    }

    /** The view to build on. */
    private ReadView latest() {
        requireOpen();
        ReadView view = latest;
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
            WriterState writer = WriterState.load(log, settings);
            queue = settings.parts().queue(log, writer.store, this::publish);
            view = ReadView.of(writer);
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

    private void retire(BlockStore store) {
        earlier.removeIf(s -> !s.isPinned());
        if (store.isPinned()) {
            earlier.add(store);
        }
    }

    /** Whether somebody reads files that are not to go before he has done. */
    private boolean isEarlierRead() {
        earlier.removeIf(s -> !s.isPinned());
        return !earlier.isEmpty() || log.keepsReplaced();
    }

    /**
     * Writes puts and deletes of the database's own user: one event each, chained, the last one with the tree.
     *
     * @param operations in this order; each key once, and the puts before the deletes
     * @return what was written; all of it is durable
     * @throws SyncException {@link ErrorKind#CONFLICT}, {@link ErrorKind#NOT_FOUND}, {@link ErrorKind#LIMIT_EXCEEDED}, {@link
     *     ErrorKind#STORAGE}, {@link ErrorKind#CLOSED}; nothing was written then
     */
    public WriteResult write(List<Operation> operations) {
        try {
            return writeAll(operations);
        } catch (OutOfMemoryError e) {
            throw StorageFailures.memory("cannot write", e);
        }
    }

    private void requireWritable() {
        requireOpen();
        if (readOnly) {
            throw new SyncException(
                    ErrorKind.REFUSED,
                    "database " + log.disk().describe("") + " was opened to be read only; open it to be written");
        }
    }

    private WriteResult writeAll(List<Operation> operations) {
        requireWritable();
        final CommitQueue<Publication> tickets;
        final CommitQueue.@Nullable Ticket<Publication> ticket;
        WriteResult written;
        lock.lock();
        try {
            ReadView before = latest();
            if (TreeRebuild.isDue(before.writer)) {
                before = treeUpToDate();
            }
            List<Operation> wanted = operations;
            if (HeadMerge.isDue(before, settings) && !operations.isEmpty()) {
                wanted = LocalWrite.check(before, operations, settings);
                before = wanted.isEmpty() ? before : mergeHeads(before);
            }
            LocalWrite write = LocalWrite.prepare(before, wanted, settings);
            ReadView after = write.events().isEmpty() ? before : append(before, write::apply);
            written = new WriteResult(write.events(), after.heads);
            tickets = queue;
            ticket = tickets.last();
        } finally {
            lock.unlock();
        }
        notifier.whilePublishing(() -> tickets.await(ticket));
        requestMaintenance();
        return written;
    }

    /** Merges all heads, whose number stops no write and no session then. The documents stay as they are. */
    private ReadView mergeHeads(ReadView before) {
        ReadView now = before;
        while (HeadMerge.isDue(now, settings)) {
            now = TreeRebuild.isDue(now.writer) ? rebuildTree(now) : now;
            now = append(now, new HeadMerge(now, settings)::apply);
        }
        return now;
    }

    /** Merges what a peer's commit has left, should it be too many heads; that is no failure of the commit if it fails. */
    private void mergeHeadsOfPeers(ReadView after) {
        try {
            mergeHeads(after);
        } catch (SyncException e) {
            LOG.log(Level.WARNING, "merging {0} heads, which a later write will try again: {1}", after.heads.size(), e);
        }
    }

    /**
     * Brings the stored tree up to date, which takes as long as reading all documents. Gives up the lock meanwhile, which the caller holds once, so
     * that commits of peers go on; other writers would need the tree, too, and wait.
     */
    private ReadView treeUpToDate() {
        lock.unlock();
        try {
            rebuilding.lock();
            try {
                for (int round = 0; round < MOST_REBUILDS && rebuildTreeBeside(); round++) {
                    // until too little came meanwhile to begin again
                }
            } finally {
                rebuilding.unlock();
            }
        } finally {
            lock.lock();
        }
        ReadView now = latest();
        return TreeRebuild.isDue(now.writer) ? rebuildTree(now) : now;
    }

    /** False if it is not due, or cannot be done while somebody compacts. */
    private boolean rebuildTreeBeside() {
        if (!tidying.tryLock()) {
            return false;
        }
        try {
            TreeRebuild rebuild = beginRebuild();
            if (rebuild == null) {
                return false;
            }
            boolean stored = true;
            while (stored && rebuild.hasNext()) {
                stored = store(rebuild, rebuild.next());
            }
            return true;
        } finally {
            tidying.unlock();
        }
    }

    private @Nullable TreeRebuild beginRebuild() {
        lock.lock();
        try {
            ReadView now = latest();
            return TreeRebuild.isDue(now.writer)
                    ? new TreeRebuild(now, settings.clock().millis())
                    : null;
        } finally {
            lock.unlock();
        }
    }

    /** False if somebody else has made the tree meanwhile, or the database was read afresh. */
    private boolean store(TreeRebuild rebuild, List<Block> part) {
        CommitQueue<Publication> tickets;
        lock.lock();
        try {
            ReadView now = latest();
            if (!rebuild.isTheLast(now)) {
                return false;
            }
            now = append(now, () -> rebuild.store(part));
            if (!rebuild.hasNext() && !rebuild.isTooLate()) {
                append(now, rebuild::finish);
            }
            tickets = queue;
        } finally {
            lock.unlock();
        }
        tickets.await(tickets.last());
        return true;
    }

    /** The same under the lock: in several transactions, since it may be as large as the database. */
    private ReadView rebuildTree(ReadView before) {
        TreeRebuild rebuild = new TreeRebuild(before, settings.clock().millis());
        ReadView now = before;
        while (rebuild.hasNext()) {
            List<Block> part = rebuild.next();
            now = append(now, () -> rebuild.store(part));
            queue.await(queue.last());
        }
        return append(now, rebuild::finish);
    }

    @Override
    public CommitResult commit(Commit commit) {
        try {
            return commitAll(commit);
        } catch (OutOfMemoryError e) {
            throw StorageFailures.memory("cannot store what a peer sent", e);
        }
    }

    private CommitResult commitAll(Commit commit) {
        requireWritable();
        CommitQueue<Publication> tickets;
        CommitQueue.@Nullable Ticket<Publication> ticket;
        CommitResult result;
        lock.lock();
        try {
            ReadView before = latest();
            RemoteCommit remote = new RemoteCommit(before.writer, commit, settings);
            remote.requireWithinLimits();
            ReadView after = remote.bringsNothing() ? before : append(before, remote::apply);
            List<Cid> pending = remote.pending();
            result = new CommitResult(
                    after.heads,
                    remote.accepted(),
                    pending,
                    after.writer.pending.missing(pending),
                    feed.cursor(after.events));
            tickets = queue;
            ticket = tickets.last();
            if (HeadMerge.isDue(after, settings) && !commit.origin().peer().isEmpty()) {
                mergeHeadsOfPeers(after);
            }
        } finally {
            lock.unlock();
        }
        // Even if nothing was new: what it builds on may still be on its way.
        tickets.await(ticket);
        requestMaintenance();
        return result;
    }

    /** Changes the writer state and hands the transaction to the queue. */
    private ReadView append(ReadView before, Supplier<Transaction> change) {
        latest = null; // until it is known to be whole again
        Transaction transaction = change.get();
        int[] changed = before.writer.publish();
        before.writer.added(transaction.blocks());
        ReadView after = queue.add(transaction, () -> publication(before.next(changed), changed))
                .publication()
                .view;
        latest = after;
        return after;
    }

    @Override
    public Snapshot snapshot() {
        ReadView view = view();
        while (!view.store.pin()) { // compaction is about to publish the next one
            Thread.onSpinWait();
            view = view();
        }
        return new LocalSnapshot(view, feed.cursor(view.events), this::requireOpen);
    }

    @Override
    public Changes changes(Cursor after, int maxEvents) {
        return feed.read(view(), after, maxEvents);
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

    /** Has somebody else do what is to be done now and then. */
    private void requestMaintenance() {
        ReadView now = published;
        if (policy.compactionIsDue(now) || policy.checkpointIsDue(now)) {
            maintenance.request();
        }
    }

    /** If it fails, that is no failure of any write. */
    private void tidyUp() {
        ReadView now = published;
        boolean compact = policy.compactionIsDue(now);
        if (closed || !compact && !policy.checkpointIsDue(now) || !tidying.tryLock()) {
            return;
        }
        try {
            if (compact) {
                compact(RECENT_EVENTS, WORTH_WHILE);
            } else {
                checkpoint();
            }
        } catch (RuntimeException e) {
            failedToTidyUp(e, now);
        } catch (IOException | OutOfMemoryError e) {
            failedToTidyUp(e, now);
        } finally {
            tidying.unlock();
        }
    }

    private void failedToTidyUp(Throwable e, ReadView now) {
        if (!closed) {
            LOG.log(Level.WARNING, "tidying up a database: {0}", Reason.of(e));
            policy.postpone(now);
        }
    }

    private void checkpoint() throws IOException {
        Checkpoint checkpoint;
        ReadView view;
        lock.lock();
        try {
            if (!settings.checkpoints() || closed || !quiesce()) {
                return;
            }
            view = published;
            checkpoint = Checkpoint.of(log, view.writer);
        } finally {
            lock.unlock();
        }
        checkpoint.save(this::requireOpen);
        policy.checkpointed(view);
    }

    /** Waits for what is on its way, so that the writer state, the log and what is published are the same; false if something is broken. */
    private boolean quiesce() {
        try {
            queue.await(queue.last());
        } catch (SyncException e) {
            return false; // its writer is told, and the next one mends it
        }
        return latest != null && latest == published && queue.broken() == null;
    }

    /**
     * Removes what no longer serves: nodes of superseded trees, pending events that were given up. In use; readers and writers
     * go on but for moments.
     *
     * @return bytes of all segments before and after
     * @throws SyncException {@link ErrorKind#STORAGE}, {@link ErrorKind#CORRUPT} naming a damaged block, {@link ErrorKind#CLOSED}; nothing is
     *     lost then
     */
    public Compacted compact() {
        requireWritable();
        tidying.lock();
        try {
            requireOpen();
            return compact(0, 0);
        } catch (IOException e) {
            requireOpen();
            throw StorageFailures.storage("cannot compact the database", e);
        } catch (OutOfMemoryError e) {
            throw StorageFailures.memory("cannot compact the database", e);
        } finally {
            tidying.unlock();
        }
    }

    /**
     * What a compaction did.
     *
     * @param before bytes of all segments
     * @param after the same afterwards
     */
    public record Compacted(long before, long after) {}

    /**
     * Finds out what is dead and leaves it out, without the lock but for moments: what is written meanwhile is taken over in rounds, each of
     * which has less to do than the one before, and the lock is held for the last of them.
     */
    private Compacted compact(int recentEvents, double worthWhile) throws IOException {
        long before = log.bytes();
        MaintenanceView moment;
        int segments;
        lock.lock();
        try {
            ReadView now = latest();
            if (!quiesce() || isEarlierRead()) {
                return new Compacted(before, before);
            }
            moment = MaintenanceView.of(now, this::requireOpen);
            segments = log.segments();
        } finally {
            lock.unlock();
        }
        WriterState writer = moment.view().writer;
        BlockStore old = moment.view().store;
        Liveness alive = settings.parts().liveness(moment, recentEvents);
        BitSet worthIt = worthIt(old, alive, segments, worthWhile);
        StoreCompaction storeCompaction = alive.deadBytes() > 0 ? new StoreCompaction(moment, alive) : null;
        for (int round = 0; storeCompaction != null && storeCompaction.isBehind() && round < MOST_ROUNDS; round++) {
            MaintenanceView later = publishedMoment(writer);
            if (later == null) {
                return new Compacted(before, before);
            }
            storeCompaction.catchUp(later);
        }
        lock.lock();
        try {
            // A writer state that was read anew does not know what is dead.
            if (closed || latest == null || latest.writer != writer || !quiesce()) {
                return new Compacted(before, before);
            }
            succeed(writer, alive, storeCompaction, worthIt.get(segments) && log.segments() == segments);
        } finally {
            lock.unlock();
        }
        try {
            int segment = worthIt.nextSetBit(0);
            while (segment >= 0 && rewrite(segment, writer)) {
                segment = worthIt.nextSetBit(segment + 1);
            }
        } finally {
            if (old != writer.store) {
                old.whenReleased(this::releaseReplaced);
            }
        }
        checkpoint();
        return new Compacted(before, log.bytes());
    }

    /** Null if the writer state is another by now. */
    private @Nullable MaintenanceView publishedMoment(WriterState writer) {
        lock.lock();
        try {
            ReadView now = published;
            return closed || now.writer != writer || now.store != writer.store
                    ? null
                    : MaintenanceView.of(now, this::requireOpen);
        } finally {
            lock.unlock();
        }
    }

    /** Publishes a view without what is dead. Under the lock; nothing is on its way. */
    private void succeed(
            WriterState writer, Liveness alive, @Nullable StoreCompaction storeCompaction, boolean rollOver)
            throws IOException {
        ReadView now = published;
        if (storeCompaction == null) {
            writer.usedNodeBytes = alive.nodeBytes();
        } else {
            storeCompaction.catchUp(MaintenanceView.of(now, this::requireOpen));
            if (rollOver) {
                rollOver();
            }
            latest = null; // until it is known to be whole again
            storeCompaction.install(writer);
            retire(now.store);
            queue = settings.parts().queue(log, writer.store, this::publish);
        }
        latest = now.next(new int[0]);
        published = latest;
    }

    private void rollOver() throws IOException {
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

    /** The segments in which so much is dead that they are written anew. What is dead in others stays, and counts the next time. */
    private BitSet worthIt(BlockStore store, Liveness alive, int segments, double worthWhile) throws IOException {
        long[] dead = new long[segments + 1];
        for (int number = 0; number < alive.bound(); number++) {
            if (!alive.blocks().get(number)) {
                dead[SegmentLog.segmentOf(store.location(number))] +=
                        store.index().length(number);
            }
        }
        BitSet worthIt = new BitSet();
        for (int segment = 1; segment < dead.length; segment++) {
            worthIt.set(segment, dead[segment] > worthWhile * log.bytes(segment));
        }
        alive.spare(number -> !worthIt.get(SegmentLog.segmentOf(store.location(number))));
        return worthIt;
    }

    private boolean rewrite(int segment, WriterState writer) throws IOException {
        try (SegmentCompaction compaction = SegmentCompaction.write(log, writer.store, segment, this::requireOpen)) {
            return replace(compaction, writer);
        }
    }

    private boolean replace(SegmentCompaction compaction, WriterState writer) throws IOException {
        lock.lock();
        try {
            // A writer state that was read anew does not know what is dead.
            if (closed || latest == null || latest.writer != writer || queue.broken() != null) {
                return false;
            }
            compaction.replace();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void releaseReplaced() {
        try {
            log.releaseReplaced();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "removing files that compaction has replaced: {0}", Reason.of(e));
        }
    }

    /**
     * Checks everything that is durable now.
     *
     * @param progress told how far it is
     * @return what was found
     * @throws SyncException {@link ErrorKind#STORAGE}, {@link ErrorKind#CLOSED}
     */
    public Verifier.Findings verify(Verifier.BlockProgress progress) {
        ReadView view = view();
        long upTo;
        lock.lock();
        try {
            upTo = queue.durableEnd();
        } finally {
            lock.unlock();
        }
        try {
            return new Verifier(view).run(log, upTo, progress);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot read the database", e);
        }
    }

    private void saveCheckpoint() {
        try {
            Checkpoint.of(log, published.writer).save(() -> {});
        } catch (IOException e) {
            LOG.log(Level.WARNING, "writing a checkpoint, without which opening takes longer: {0}", Reason.of(e));
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
        } finally {
            lock.unlock();
        }
        tidying.lock(); // a compaction stops at its next step
        lock.lock();
        try {
            end();
        } catch (IOException | SyncException e) {
            // Everything acknowledged is durable already; only the mark of an orderly end is missing.
            LOG.log(Level.WARNING, "closing a database: " + Reason.of(e));
        } finally {
            lock.unlock();
            tidying.unlock();
            maintenance.close();
            notifier.close();
        }
    }

    private void end() throws IOException {
        if (readOnly) {
            log.abandon();
            return;
        }
        boolean whole = quiesce();
        if (queue.broken() != null) {
            try {
                log.rollback(queue.durableEnd());
            } finally {
                log.abandon();
            }
            return;
        }
        if (whole && policy.isWorthACheckpoint(published)) {
            saveCheckpoint();
        }
        releaseReplaced();
        if (settings.checkpoints()) {
            log.close(published.events);
        } else {
            log.close();
        }
    }
}
