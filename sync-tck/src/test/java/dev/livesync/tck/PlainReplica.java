package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNodes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A second replica beside the embedded database: the contract in the plainest way, a copy of everything for each commit. Shows that the
 * kit asks for the contract and not for one implementation of it, and carries the faults that a real disk cannot have on demand.
 */
class PlainReplica implements Replica {
    private final PlainDisk disk;
    private final long quota;
    private final List<Subscriber> wakeUps = new CopyOnWriteArrayList<>();
    private final ExecutorService waker = Executors.newSingleThreadExecutor();
    private volatile PlainDisk.State state;
    private volatile boolean closed;

    /** Each is another one, whatever it runs. */
    private static final class Subscriber {
        private final Runnable wakeUp;
        private boolean ended;

        Subscriber(Runnable wakeUp) {
            this.wakeUp = wakeUp;
        }

        synchronized void wake() {
            if (!ended) {
                wakeUp.run();
            }
        }

        /** Waits for a wake-up that has begun, and lets no other begin. */
        synchronized void end() {
            ended = true;
        }
    }

    PlainReplica(PlainDisk disk, long quota) {
        this.disk = disk;
        this.quota = quota;
        this.state = disk.latest();
    }

    void close() {
        closed = true;
        waker.shutdown();
    }

    final PlainDisk.State state() {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the database is closed");
        }
        return state;
    }

    @Override
    public CommitResult commit(Commit commit) {
        synchronized (this) {
            return add(commit, state());
        }
    }

    /** Makes the state after a commit out of the one before it, and publishes it. */
    final CommitResult add(Commit commit, PlainDisk.State before) {
        PlainDisk.State next = before.copy();
        List<Event> events = commit.events().stream().map(PlainReplica::seen).toList();
        events.forEach(e -> next.origins.putIfAbsent(e.cid(), commit.origin()));
        List<Cid> accepted = next.oracle.commit(new Commit(commit.blocks(), events, commit.origin()));
        PlainDisk.State result = withinQuota(before, next, commit);
        split(accepted, result).forEach(result.feed::add);
        if (disk.failing) {
            throw new SyncException(ErrorKind.STORAGE, "the disk is full");
        }
        disk.states.add(result);
        state = result;
        if (!accepted.isEmpty()) {
            wakeUps.forEach(w -> waker.execute(w::wake));
        }
        Set<Cid> pending = new LinkedHashSet<>(Make.cids(events));
        pending.removeIf(result.oracle::isComplete);
        return new CommitResult(
                result.oracle.heads(),
                accepted,
                List.copyOf(pending),
                List.copyOf(result.oracle.missing(pending)),
                cursor(result));
    }

    /** The event with all of it looked at, so that nobody can change his mind later. */
    private static Event seen(Event e) {
        return dev.livesync.car.Events.decode(e.block());
    }

    private PlainDisk.State withinQuota(PlainDisk.State before, PlainDisk.State next, Commit commit) {
        ReplicaOracle oracle = next.oracle;
        long own = Make.cids(commit.events()).stream()
                .distinct()
                .filter(c -> !oracle.isComplete(c))
                .mapToLong(c -> oracle.event(c).block().size())
                .sum();
        long surplus = surplus(before, next, commit, own > quota ? own : 0);
        if (own > quota) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED, own + " bytes of pending events are over " + quota);
        }
        List<Cid> peers = new ArrayList<>(oracle.pending());
        peers.removeIf(c -> !peer(next, c).equals(commit.origin().peer()));
        long all = surplus
                + peers.stream().mapToLong(c -> oracle.event(c).block().size()).sum();
        Set<Cid> evicted = new HashSet<>();
        for (int i = 0; all > quota && i < peers.size(); i++) {
            evicted.add(peers.get(i));
            all -= oracle.event(peers.get(i)).block().size();
        }
        return evicted.isEmpty() ? next : without(next, evicted);
    }

    /** What is counted against the quota besides what is pending: nothing, if it is right. */
    long surplus(PlainDisk.State before, PlainDisk.State next, Commit commit, long refused) {
        return 0;
    }

    private static String peer(PlainDisk.State state, Cid event) {
        return state.origins.getOrDefault(event, Origin.LOCAL).peer();
    }

    /** The same without some pending events. */
    static PlainDisk.State without(PlainDisk.State state, Set<Cid> evicted) {
        ReplicaOracle oracle = new ReplicaOracle();
        Map<Cid, Origin> origins = new LinkedHashMap<>(state.origins);
        origins.keySet().removeAll(evicted);
        Set<Cid> events = new HashSet<>(state.oracle.complete());
        events.addAll(state.oracle.pending());
        state.oracle.blocks().forEach((cid, block) -> {
            if (!evicted.contains(cid)) {
                boolean event = events.contains(cid);
                oracle.commit(new Commit(
                        event ? List.of() : List.of(block),
                        event ? List.of(state.oracle.event(cid)) : List.of(),
                        Origin.LOCAL));
            }
        });
        return new PlainDisk.State(oracle, origins, new ArrayList<>(state.feed));
    }

    /** What became complete, in whole batches. */
    private static List<List<Cid>> split(List<Cid> accepted, PlainDisk.State state) {
        List<List<Cid>> batches = new ArrayList<>();
        List<Cid> batch = new ArrayList<>();
        for (Cid cid : accepted) {
            batch.add(cid);
            if (!state.oracle.isInterior(cid)) {
                batches.add(List.copyOf(batch));
                batch.clear();
            }
        }
        return batches;
    }

    private Cursor cursor(PlainDisk.State at) {
        return new Cursor(disk.identity + at.feed.size());
    }

    @Override
    public Changes changes(Cursor after, int maxEvents) {
        PlainDisk.State now = state();
        int from = position(after, now);
        if (maxEvents < 1) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "ask for one event or more");
        }
        if (from < disk.feedStart) {
            throw new SyncException(ErrorKind.CURSOR_EXPIRED, "the feed begins later; start from a snapshot");
        }
        List<Change> page = new ArrayList<>();
        int events = 0;
        int to = from;
        while (to < now.feed.size() && (events == 0 || events + now.feed.get(to).size() <= maxEvents)) {
            List<Cid> batch = now.feed.get(to++);
            events += batch.size();
            Set<Origin> origins = new HashSet<>();
            batch.forEach(c -> origins.add(now.origins.get(c)));
            page.add(new Change(
                    batch, List.of(), origins.size() == 1 ? origins.iterator().next() : Origin.LOCAL));
        }
        return new Changes(page, new Cursor(disk.identity + to));
    }

    private int position(Cursor after, PlainDisk.State now) {
        String token = after.token();
        if (token.startsWith(disk.identity)) {
            String number = token.substring(disk.identity.length());
            if (number.matches("\\d{1,9}") && Integer.parseInt(number) <= now.feed.size()) {
                return Integer.parseInt(number);
            }
        }
        throw new SyncException(ErrorKind.INVALID_ARGUMENT, "cursor " + token + " is none of this replica's");
    }

    @Override
    public Subscription onChange(Runnable wakeUp) {
        state();
        Subscriber subscriber = new Subscriber(wakeUp);
        wakeUps.add(subscriber);
        return () -> {
            wakeUps.remove(subscriber);
            subscriber.end();
        };
    }

    @Override
    public Snapshot snapshot() {
        PlainDisk.State now = state();
        return new Still(now, cursor(now));
    }

    /** What a branch says of a child: its keys are at least one, and less than another if there is one. */
    record Child(Cid cid, String from, @Nullable String end) {}

    /** Whether a node has keys by which nobody would look for it. */
    boolean misleads(Child child, TreeNode node) {
        String last = node instanceof TreeNode.Branch branch
                ? branch.entries().get(branch.entries().size() - 1).key()
                : ((TreeNode.Leaf) node)
                        .entries()
                        .get(((TreeNode.Leaf) node).entries().size() - 1)
                        .key();
        return node.firstKey().compareTo(child.from()) < 0 || child.end() != null && last.compareTo(child.end()) >= 0;
    }

    private final class Still implements Snapshot {
        private final ReplicaOracle oracle;
        private final Cursor place;
        private boolean ended;

        Still(PlainDisk.State state, Cursor place) {
            this.oracle = state.oracle.copy(); // it remembers what it computed
            this.place = place;
        }

        private ReplicaOracle oracle() {
            if (ended) {
                throw new SyncException(ErrorKind.CLOSED, "the snapshot is closed");
            }
            return oracle;
        }

        @Override
        public Cursor cursor() {
            oracle();
            return place;
        }

        @Override
        public List<Cid> heads() {
            return oracle().heads();
        }

        @Override
        public @Nullable Event event(Cid cid) {
            return oracle().isComplete(cid) ? oracle.event(cid) : null;
        }

        @Override
        public @Nullable Block block(Cid cid) {
            Block block = oracle().blocks().get(cid);
            if (block != null && disk.damaged.contains(cid)) {
                throw new SyncException(ErrorKind.CORRUPT, "block " + cid + " is damaged");
            }
            return block;
        }

        @Override
        public List<Cid> missing(Collection<Cid> cids) {
            Set<Cid> missing = new LinkedHashSet<>(cids);
            missing.removeAll(oracle().blocks().keySet());
            return List.copyOf(missing);
        }

        @Override
        public Iterator<Cid> storedCids() {
            return List.copyOf(oracle().blocks().keySet()).iterator();
        }

        @Override
        public Tree tree(Cid event) {
            if (event(event) == null) {
                throw new SyncException(ErrorKind.NOT_FOUND, "event " + event + " is not complete here");
            }
            List<Block> authors = authors(event);
            List<Block> tree = authors.isEmpty() ? oracle.tree(event) : authors;
            return new Tree(tree.isEmpty() ? null : tree.get(0).cid(), tree.iterator());
        }

        /** The author's tree from the root, if it is whole, in order and right; else nothing. */
        private List<Block> authors(Cid event) {
            List<Block> nodes = new ArrayList<>();
            List<TreeNode.LeafEntry> entries = new ArrayList<>();
            Deque<Child> todo = new ArrayDeque<>();
            Cid root = oracle.event(event).root();
            Child next = root == null ? null : new Child(root, "", null);
            for (; next != null && nodes.size() < 10_000; next = todo.poll()) {
                Block block = oracle.blocks().get(next.cid());
                if (block == null || !TreeNodes.looksLikeNode(block)) {
                    return List.of();
                }
                nodes.add(block);
                TreeNode node = TreeNodes.decode(block);
                if (misleads(next, node)) {
                    return List.of();
                }
                if (node instanceof TreeNode.Branch branch) {
                    String end = next.end();
                    for (int i = 0; i < branch.entries().size(); i++) {
                        boolean last = i + 1 == branch.entries().size();
                        TreeNode.BranchEntry e = branch.entries().get(i);
                        todo.add(new Child(
                                e.child(),
                                e.key(),
                                last ? end : branch.entries().get(i + 1).key()));
                    }
                } else {
                    entries.addAll(((TreeNode.Leaf) node).entries());
                }
            }
            return entries.equals(CanonicalTrees.entries(oracle.after(event))) ? nodes : List.of();
        }

        @Override
        public Tree canonicalTree(Collection<Cid> clock) {
            for (Cid event : clock) {
                if (event(event) == null) {
                    throw new SyncException(ErrorKind.NOT_FOUND, "event " + event + " is not complete here");
                }
            }
            List<Block> tree = oracle().tree(clock);
            return new Tree(tree.isEmpty() ? null : tree.get(0).cid(), tree.iterator());
        }

        @Override
        public Summary summary() {
            return new Summary(
                    oracle().documents().size(),
                    oracle.complete().size(),
                    oracle.pending().size(),
                    oracle.blocks().size(),
                    oracle.blocks().values().stream().mapToLong(Block::size).sum());
        }

        @Override
        public void close() {
            ended = true;
        }
    }
}
