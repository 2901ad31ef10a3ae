package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.RememberedClock;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.replica.Summary;
import dev.livesync.car.Events;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.database.checkpoint.CheckpointStore;
import dev.livesync.database.tree.TreeBuilder;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.PrimitiveIterator;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Documents on a replica that others write, too. What they write is followed into memory soon after a wake-up; what the own user writes is committed to the replica and followed before the
 * write returns. Two processes that write at once make concurrent events, as two peers do, and the merge decides.
 *
 * <p>A write builds on what is there when it begins: it follows first, so a document's clock is checked against all that the replica shows then. What another process commits between that and the
 * own commit is concurrent with it.
 */
public final class FollowedStore implements DocumentStore {
    private static final System.Logger LOG = System.getLogger(FollowedStore.class.getName());
    /** Beyond this many changed documents the tree is made anew and not edited. */
    private static final int MANY_KEYS = 4_096;

    private static final long PART_BYTES = 4 << 20;

    private final Replica replica;
    private final Settings settings;
    private final FeedHistory history;
    private final FeedFollower follower;
    private final Executor executor;
    private final @Nullable ExecutorService own;
    private final Subscription wakeUps;
    /** One write at a time, so that the second builds on the first. Taken before the follower's. */
    private final ReentrantLock writing = new ReentrantLock();

    private final Object scheduling = new Object();
    private boolean scheduled;
    /** Whether the last try to follow failed, so that the next reader asks for another. */
    private volatile boolean behind;

    private volatile boolean closed;

    private FollowedStore(Replica replica, Settings settings, String name, @Nullable CheckpointStore checkpoints) {
        this.replica = replica;
        this.settings = settings;
        this.history = new FeedHistory(name, FeedFollower.reader(replica), settings.random(), settings.indexes());
        this.follower = new FeedFollower(replica, history, checkpoints, name);
        Executor given = settings.maintenance();
        this.own = given == null ? Executors.newSingleThreadExecutor(task -> thread(task, name)) : null;
        this.executor = given == null ? Objects.requireNonNull(own) : given;
        boolean started = false;
        try {
            follower.follow();
            this.wakeUps = replica.onChange(this::schedule);
            started = true;
        } finally {
            if (!started) {
                end();
            }
        }
        schedule(); // for what came between the two
    }

    /**
     * Opens the documents of a replica: follows its feed to the end.
     *
     * @param replica stays its owner's
     * @param settings how
     * @param name of the threads and of the checkpoint
     * @param checkpoints where checkpoints are kept; null for nowhere
     * @return the documents
     * @throws SyncException whatever reading the replica throws; nothing is left open then
     */
    public static FollowedStore open(
            Replica replica, Settings settings, String name, @Nullable CheckpointStore checkpoints) {
        return new FollowedStore(replica, settings, name, checkpoints);
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, "livesync-follow-" + name);
        thread.setDaemon(true);
        return thread;
    }

    private void schedule() {
        synchronized (scheduling) {
            if (scheduled || closed) {
                return;
            }
            scheduled = true;
        }
        try {
            executor.execute(this::followNow);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "closed meanwhile", e);
        }
    }

    /**
     * Follows up to what is there now, on this thread.
     *
     * @throws SyncException whatever reading the replica throws
     */
    public void follow() {
        requireOpen();
        follower.follow();
    }

    /**
     * How often all of history was read: at the beginning if there was no checkpoint to begin with, and when a cursor had expired.
     *
     * @return a count
     */
    public int restarts() {
        follower.lock.lock();
        try {
            return follower.restarts();
        } finally {
            follower.lock.unlock();
        }
    }

    private void followNow() {
        synchronized (scheduling) {
            scheduled = false; // a wake-up from here on may be about what this doesn't see
        }
        if (closed) {
            return;
        }
        try {
            follower.follow();
            behind = false;
        } catch (RuntimeException e) {
            behind = true;
            LOG.log(Level.WARNING, "following a replica failed, the next reader tries again: {0}", Reason.of(e));
            return;
        }
        if (follower.checkpointIsDue()) {
            save();
        }
    }

    private void save() {
        try {
            follower.save();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "writing a checkpoint, without which opening takes longer: {0}", Reason.of(e));
        }
    }

    @Override
    public void requireOpen() {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the database is closed");
        }
    }

    @Override
    public ReadView view() {
        requireOpen();
        if (behind) {
            schedule();
        }
        return history.view();
    }

    @Override
    public Summary summary() {
        requireOpen();
        try (Snapshot snapshot = replica.snapshot()) {
            return snapshot.summary();
        }
    }

    @Override
    public WriteResult write(List<Operation> operations) {
        writing.lock();
        try {
            requireOpen();
            LocalWrite write = prepare(operations);
            List<Cid> events = write.events();
            if (!events.isEmpty()) {
                commit(new Commit(write.nodes(), write.written(), Origin.LOCAL), events);
            }
            return new WriteResult(events, history.view().heads());
        } finally {
            writing.unlock();
        }
    }

    private LocalWrite prepare(List<Operation> operations) {
        for (boolean rebuilt = false; ; rebuilt = true) {
            follower.lock.lock();
            try {
                follower.follow();
                FeedView before = history.view();
                if (before.heads().size() > settings.mostHeads()) {
                    throw new SyncException(
                            ErrorKind.LIMIT_EXCEEDED,
                            "there are " + before.heads().size() + " concurrent heads, more than one event can follow");
                }
                if (rebuilt || !treeIsFar(before)) {
                    return LocalWrite.prepare(before, operations, settings);
                }
            } finally {
                follower.lock.unlock();
            }
            rebuildTree();
        }
    }

    private static boolean treeIsFar(FeedView view) {
        view.state.noteChanges();
        return view.state.changedSinceBase.cardinality() > MANY_KEYS;
    }

    /** Makes the tree of the documents as they are, and commits those of its nodes that the store lacks. What comes meanwhile is edited afterwards. */
    private void rebuildTree() {
        FeedView view;
        BitSet changed;
        follower.lock.lock();
        try {
            view = history.view();
            view.state.noteChanges();
            changed = (BitSet) view.state.changedSinceBase.clone();
            view.state.changedSinceBase.clear();
        } finally {
            follower.lock.unlock();
        }
        boolean done = false;
        try {
            Cid root = buildTree(view);
            follower.lock.lock();
            try {
                view.state.baseRoot = root;
            } finally {
                follower.lock.unlock();
            }
            done = true;
        } finally {
            if (!done) {
                follower.lock.lock();
                try {
                    view.state.changedSinceBase.or(changed);
                } finally {
                    follower.lock.unlock();
                }
            }
        }
    }

    private @Nullable Cid buildTree(FeedView view) {
        List<Block> part = new ArrayList<>();
        TreeBuilder builder = new TreeBuilder(node -> part.add(node.block()));
        PrimitiveIterator.OfInt puts = view.documents().iterator();
        long bytes = 0;
        while (puts.hasNext()) {
            Event event = view.event(puts.nextInt());
            builder.add(new LeafEntry(event.key(), Events.encodedValue(event)));
            bytes += event.block().size();
            if (bytes > PART_BYTES) {
                commitNodes(part);
                bytes = 0;
            }
        }
        Cid root = builder.finish();
        commitNodes(part);
        return root;
    }

    private void commitNodes(List<Block> nodes) {
        Set<Cid> missing;
        try (Snapshot snapshot = replica.snapshot()) {
            missing = new HashSet<>(
                    snapshot.missing(nodes.stream().map(Block::cid).toList()));
        }
        List<Block> fresh =
                nodes.stream().filter(node -> missing.remove(node.cid())).toList();
        if (!fresh.isEmpty()) {
            replica.commit(new Commit(fresh, List.of(), Origin.LOCAL));
        }
        nodes.clear();
    }

    private void commit(Commit commit, List<Cid> events) {
        follower.lock.lock();
        try {
            history.expect(events);
        } finally {
            follower.lock.unlock();
        }
        boolean committed = false;
        try {
            replica.commit(commit);
            committed = true;
        } finally {
            if (!committed) { // perhaps it was all the same; then these count as somebody else's
                follower.lock.lock();
                try {
                    history.forget(events);
                } finally {
                    follower.lock.unlock();
                }
            }
        }
        try {
            follower.follow();
        } catch (RuntimeException e) {
            behind = true; // it is durable, so the write has not failed
            LOG.log(Level.WARNING, "following a replica failed, the next reader tries again: {0}", Reason.of(e));
        }
    }

    @Override
    public List<RememberedClock> rememberedPeers() {
        requireOpen();
        return replica.peerFrontiers().map(PeerFrontiers::all).orElse(List.of());
    }

    @Override
    public Subscription onDocuments(Consumer<List<String>> listener) {
        requireOpen();
        return history.onDocuments(listener);
    }

    @Override
    public Subscription watch(@Nullable Consumer<ReadView> first, Consumer<ViewChange> watcher) {
        requireOpen();
        return history.watch(first, watcher);
    }

    @Override
    public Subscription pull(ViewPull pull) {
        requireOpen();
        return history.pull(pull);
    }

    @Override
    public void wake() {
        history.wake();
    }

    @Override
    public void close() {
        writing.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            writing.unlock();
        }
        wakeUps.close();
        save();
        end();
    }

    private void end() {
        if (own != null) {
            own.shutdown();
        }
        history.close();
    }
}
