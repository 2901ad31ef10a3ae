package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.RememberedClock;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.replica.Summary;
import dev.livesync.car.Events;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.StorageFailures;
import dev.livesync.database.log.CommitQueue;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.log.WorkCounts;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes commits one after another, local and remote ones.
 *
 * <p>A commit has two halves. Under the lock it is worked out on top of the latest of the {@link Versions}, durable or not, and handed to the
 * {@link CommitQueue}. Then, without the lock, its writer waits for the disk, which serves all who wait at once. Only what is durable is
 * published, so nobody ever sees what a crash could take back.
 */
public final class LocalReplica implements Replica, DocumentStore {
    private static final System.Logger LOG = System.getLogger(LocalReplica.class.getName());

    private final SegmentLog log;
    private final Settings settings;
    private final boolean readOnly;
    private final Notifier notifier;
    private final FeedReader feed;
    private final Versions versions;
    private final Compactor compactor;
    private final TreeRebuilder trees;
    private final Maintenance maintenance;
    private final RememberedPeers peers;
    private final ClockNotes clocks;
    private volatile @Nullable BlockExchange blocks;
    private volatile @Nullable SideWork beside;

    private LocalReplica(SegmentLog log, WriterState writer, Settings settings, String name, boolean readOnly) {
        this.readOnly = readOnly;
        this.log = log;
        this.settings = settings;
        this.notifier = new Notifier("livesync-database-" + name);
        this.feed = new FeedReader(log.database(), writer.repairs, writer.restored);
        this.versions = new Versions(log, writer, settings, notifier);
        this.compactor = new Compactor(log, settings, versions, writer.checkpointBytes);
        this.trees = new TreeRebuilder(settings, versions, compactor.working);
        this.maintenance = new Maintenance(settings.maintenance(), "livesync-maintenance-" + name, this::maintain);
        this.peers = RememberedPeers.load(log, settings.clock());
        this.clocks = ClockNotes.load(log, settings.clock());
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
            Events.tryDecode(block, DerivedState.STORED).ifPresentOrElse(events::add, () -> others.add(block));
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

    @Override
    public ReadView view() {
        return stored();
    }

    @Override
    public Summary summary() {
        return view().summary();
    }

    private StoredView stored() {
        requireOpen();
        return versions.published();
    }

    @Override
    public void requireOpen() {
        versions.requireOpen();
    }

    @Override
    public WriteResult write(List<Operation> operations) {
        try {
            return writeAll(operations);
        } catch (OutOfMemoryError e) {
            throw StorageFailures.memory("cannot write", e);
        }
    }

    /**
     * Tells databases apart.
     *
     * @return the identity that the database was given when it was made
     */
    public UUID identity() {
        return log.database();
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
        Runnable durability;
        WriteResult written;
        versions.lock.lock();
        try {
            StoredView before = versions.latest();
            if (TreeRebuild.isDue(before.writer)) {
                before = trees.upToDate();
            }
            List<Operation> wanted = operations;
            if (HeadMerge.isDue(before, settings) && !operations.isEmpty()) {
                wanted = LocalWrite.check(before, operations, settings);
                before = wanted.isEmpty() ? before : trees.mergeHeads(before);
            }
            LocalWrite write = LocalWrite.prepare(before, wanted, settings);
            WriterState writer = before.writer;
            StoredView after = write.events().isEmpty()
                    ? before
                    : versions.append(before, ChangeSource.HERE, () -> write.apply(writer));
            written = new WriteResult(write.events(), after.heads);
            durability = versions.durability();
        } finally {
            versions.lock.unlock();
        }
        notifier.whilePublishing(durability);
        requestMaintenance();
        return written;
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
        Runnable durability;
        CommitResult result;
        versions.lock.lock();
        try {
            StoredView before = versions.latest();
            long begun = log.counts().merges.begin();
            RemoteCommit remote = new RemoteCommit(before.writer, commit, settings);
            remote.requireWithinLimits();
            StoredView after = remote.bringsNothing()
                    ? before
                    : versions.append(before, ChangeSource.of(commit.origin()), remote::apply);
            List<Cid> pending = remote.pending();
            result = new CommitResult(
                    after.heads,
                    remote.accepted(),
                    pending,
                    after.writer.pending.missing(pending),
                    feed.cursor(after.events));
            durability = versions.durability();
            log.counts().merges.done(begun);
            if (HeadMerge.isDue(after, settings) && !commit.origin().peer().isEmpty()) {
                trees.mergeHeadsOfPeers(after);
            }
        } finally {
            versions.lock.unlock();
        }
        // Even if nothing was new: what it builds on may still be on its way.
        durability.run();
        requestMaintenance();
        return result;
    }

    @Override
    public Snapshot snapshot() {
        StoredView view = pinned();
        return new LocalSnapshot(view, feed.cursor(view.events), this::requireOpen);
    }

    /** A view whose blocks stay, whatever is compacted, until its store is unpinned. */
    private StoredView pinned() {
        StoredView view = stored();
        while (!view.store.pin()) { // compaction is about to publish the next one
            Thread.onSpinWait();
            view = stored();
        }
        return view;
    }

    /**
     * Sets what {@link #blocks} returns; before anybody else has the replica.
     *
     * @param exchange the blocks that belong to no event
     */
    public void exchange(BlockExchange exchange) {
        blocks = exchange;
    }

    @Override
    public Optional<BlockExchange> blocks() {
        return Optional.ofNullable(blocks);
    }

    @Override
    public Optional<PeerFrontiers> peerFrontiers() {
        return Optional.of(peers);
    }

    @Override
    public List<RememberedClock> rememberedPeers() {
        return peers.all();
    }

    @Override
    public Changes changes(Cursor after, int maxEvents) {
        return feed.read(stored(), after, maxEvents);
    }

    @Override
    public Subscription onChange(Runnable wakeUp) {
        requireOpen();
        return notifier.onChange(wakeUp);
    }

    @Override
    public Subscription onDocuments(Consumer<List<String>> listener) {
        requireOpen();
        return notifier.onDocuments(listener);
    }

    @Override
    public Subscription watch(@Nullable Consumer<ReadView> first, Consumer<ViewChange> watcher) {
        requireOpen();
        Subscription watching = notifier.follow(() -> new Watcher(versions.published(), first, watcher));
        notifier.wake();
        return watching;
    }

    @Override
    public Subscription pull(ViewPull pull) {
        requireOpen();
        Subscription following = notifier.follow(() -> new Puller(versions.published(), pull));
        notifier.wake();
        return following;
    }

    /**
     * What was done since the database was opened.
     *
     * @return the same each time
     */
    public WorkCounts counts() {
        return log.counts();
    }

    /**
     * How many transactions wait for the disk, without those that are being written.
     *
     * @return a count
     */
    public int waiting() {
        return versions.waiting();
    }

    @Override
    public void wake() {
        notifier.wake();
    }

    /**
     * Removes what no longer serves: nodes of superseded trees, pending events that were given up. In use; readers and writers
     * go on but for moments.
     *
     * @return bytes of all segments before and after
     * @throws SyncException {@link ErrorKind#STORAGE}, {@link ErrorKind#CORRUPT} naming a damaged block, {@link ErrorKind#CLOSED}; nothing is
     *     lost then
     */
    public SegmentSizes compact() {
        requireWritable();
        return compactor.compact();
    }

    /**
     * Sets what runs beside maintenance; before anybody else has the replica.
     *
     * @param work what to ask after each commit
     */
    public void beside(SideWork work) {
        beside = work;
    }

    /** Has maintenance run soon, for {@link SideWork}. Never throws; does nothing where nothing is written. */
    public void requestSideWork() {
        if (!readOnly) {
            maintenance.request();
        }
    }

    private void maintain() {
        compactor.runIfDue();
        SideWork work = beside;
        if (work != null && !versions.isClosed()) {
            work.run();
        }
        if (compactor.working.tryLock()) {
            try {
                if (!versions.isClosed()) {
                    noteClock();
                    if (settings.checkpoints()) {
                        savePeers();
                    }
                }
            } finally {
                compactor.working.unlock();
            }
        }
    }

    /**
     * Finds a clock that this database had so long ago, as far as that was noted, which begins when this is first called. It may be much longer ago, and is not less, unless the system's clock
     * has jumped ahead more than once.
     *
     * @param age how long; not negative
     * @return a clock; empty if none is known to be that old
     * @throws SyncException {@link ErrorKind#REFUSED} if it may only be read, {@link ErrorKind#CLOSED}
     */
    public Optional<List<Cid>> clockBefore(Duration age) {
        requireWritable();
        compactor.working.lock();
        try {
            requireOpen();
            clocks.begin();
            noteClock();
            return clocks.before(age);
        } finally {
            compactor.working.unlock();
        }
    }

    /** Under the lock of what works beside the writers. */
    private void noteClock() {
        clocks.note(versions.published().heads);
        try {
            clocks.save();
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "writing what is noted of earlier clocks, without which the past is forgotten later: {0}",
                    Reason.of(e));
        }
    }

    private void savePeers() {
        try {
            peers.save();
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "writing what is remembered of peers, without which the next sync with each takes a few more bytes: {0}",
                    Reason.of(e));
        }
    }

    private void requestMaintenance() {
        SideWork work = beside;
        boolean workIsDue = work != null && work.isDue(); // asked in any case: it follows what was committed
        if (workIsDue || clocks.isDue() || compactor.isDue()) {

            maintenance.request();
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
        StoredView view = pinned();
        try {
            return new Verifier(view).run(log, durableEnd(), progress);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot read the database", e);
        } finally {
            view.store.unpin();
        }
    }

    private long durableEnd() {
        versions.lock.lock();
        try {
            return versions.durableEnd();
        } finally {
            versions.lock.unlock();
        }
    }

    /** Waits for the commits that are on their way, then closes the files and ends the threads. */
    @Override
    public void close() {
        if (!versions.close()) {
            return;
        }
        compactor.working.lock(); // a compaction stops at its next step
        versions.lock.lock();
        try {
            end();
        } catch (IOException | SyncException e) {
            // Everything acknowledged is durable already; only the mark of an orderly end is missing.
            LOG.log(Level.WARNING, "closing a database: " + Reason.of(e));
        } finally {
            versions.lock.unlock();
            compactor.working.unlock();
            maintenance.close();
            notifier.close();
        }
    }

    private void end() throws IOException {
        if (readOnly) {
            log.abandon();
            return;
        }
        boolean whole = versions.quiesce();
        if (versions.abandonIfBroken()) {
            return;
        }
        compactor.end(whole);
        noteClock();
        if (settings.checkpoints()) {
            savePeers();
            log.close(versions.published().events);
        } else {
            log.close();
        }
    }
}
