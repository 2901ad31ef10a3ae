package dev.livesync.core.protocol;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A second replica, made of maps and of the definitions, with nothing kept up to date that can be computed. One thread.
 *
 * <p>Nothing is ever removed, so a snapshot is three numbers: how much was stored and accepted, and the heads.
 */
final class NaiveReplica implements Replica, TestDb {
    private final Map<Cid, Block> blocks = new LinkedHashMap<>();
    private final List<Cid> order = new ArrayList<>();
    private final Map<Cid, Event> events = new HashMap<>();
    private final Map<Cid, Integer> storedAt = new HashMap<>();
    private final Map<Cid, Origin> origins = new HashMap<>();
    /** Complete events by the number under which they were accepted. */
    private final Map<Cid, Integer> acceptedAt = new LinkedHashMap<>();

    private final List<Change> feed = new ArrayList<>();
    private final Set<Runnable> listeners = new LinkedHashSet<>();
    private final NaiveReplicaMerge merge = new NaiveReplicaMerge(events);
    final NaiveFrontiers frontiers = new NaiveFrontiers();
    private List<Cid> heads = List.of();
    private int feedStart;
    private int openSnapshots;

    @Override
    public Replica replica() {
        return this;
    }

    @Override
    public void write(List<Op> ops) {
        List<Block> nodes = new ArrayList<>();
        List<Event> written = new ArrayList<>();
        List<Cid> clock = heads;
        SortedMap<String, Event> after = new TreeMap<>(mergeOf(heads));
        for (int i = 0; i < ops.size(); i++) {
            Op op = ops.get(i);
            String key = Keys.ofId(op.id());
            Encoded value = op.document() == null ? Encoded.NULL : Encoded.of(op.document());
            Event.Type type = op.document() == null ? Event.Type.DELETE : Event.Type.PUT;
            if (op.document() == null) {
                after.remove(key);
            } else {
                after.put(key, Events.encode(type, key, value, null, List.of(), dev.livesync.car.Limits.DEFAULT));
            }
            List<Block> tree = i == ops.size() - 1 ? NaiveReplicaTree.build(after) : List.of();
            Cid root = tree.isEmpty() ? null : tree.get(0).cid();
            nodes.addAll(NaiveReplicaTree.writingOrder(tree, blocks));
            Event event = Events.encode(type, key, value, root, clock, dev.livesync.car.Limits.DEFAULT);
            written.add(event);
            clock = List.of(event.cid());
        }
        commit(new Commit(nodes, written, Origin.LOCAL));
    }

    private SortedMap<String, Event> mergeOf(Collection<Cid> clock) {
        SortedMap<String, Event> byKey = new TreeMap<>();
        merge.documents(clock)
                .forEach((id, value) -> byKey.put(
                        Keys.ofId(id),
                        Events.encode(
                                Event.Type.PUT,
                                Keys.ofId(id),
                                Encoded.of(value),
                                null,
                                List.of(),
                                dev.livesync.car.Limits.DEFAULT)));
        return byKey;
    }

    @Override
    public SortedMap<String, Value> documents() {
        return merge.documents(heads);
    }

    @Override
    public List<Cid> heads() {
        return heads;
    }

    int pending() {
        return events.size() - acceptedAt.size();
    }

    int openSnapshots() {
        return openSnapshots;
    }

    @Override
    public Optional<PeerFrontiers> peerFrontiers() {
        return Optional.of(frontiers);
    }

    /** Forgets the feed so far: cursors into it expire. */
    void expireCursors() {
        feedStart = feed.size();
    }

    /** Becomes what an older one is, as after a restore: what has come since is lost, and all cursors expire. */
    void restore(NaiveReplica older) {
        blocks.clear();
        order.clear();
        events.clear();
        storedAt.clear();
        origins.clear();
        acceptedAt.clear();
        blocks.putAll(older.blocks);
        order.addAll(older.order);
        events.putAll(older.events);
        storedAt.putAll(older.storedAt);
        origins.putAll(older.origins);
        acceptedAt.putAll(older.acceptedAt);
        heads = older.heads;
        feed.add(feed.get(feed.size() - 1));
        expireCursors();
        List.copyOf(listeners).forEach(Runnable::run);
    }

    // ---- Replica

    @Override
    public CommitResult commit(Commit commit) {
        for (Block block : commit.blocks()) {
            store(block);
        }
        for (Event event : commit.events()) {
            store(event.block());
            events.putIfAbsent(event.cid(), event);
            origins.putIfAbsent(event.cid(), commit.origin());
        }
        List<Cid> fresh = nowComplete();
        for (Cid cid : fresh) {
            acceptedAt.put(cid, acceptedAt.size());
        }
        Set<Cid> tops = new HashSet<>(heads);
        tops.addAll(fresh);
        fresh.forEach(c -> tops.removeAll(events.get(c).parents()));
        heads = tops.stream().sorted().toList();
        publish(fresh, commit.blocks());
        List<Cid> pending = commit.events().stream()
                .map(Event::cid)
                .filter(c -> !acceptedAt.containsKey(c))
                .distinct()
                .toList();
        List<Cid> missing = pending.stream()
                .flatMap(c -> events.get(c).parents().stream())
                .filter(c -> !events.containsKey(c))
                .distinct()
                .toList();
        if (!fresh.isEmpty()) {
            List.copyOf(listeners).forEach(Runnable::run);
        }
        return new CommitResult(heads, fresh, pending, missing, cursor());
    }

    private void store(Block block) {
        if (blocks.putIfAbsent(block.cid(), block) == null) {
            storedAt.put(block.cid(), order.size());
            order.add(block.cid());
        }
    }

    private void publish(List<Cid> fresh, List<Block> nodes) {
        List<Cid> run = new ArrayList<>();
        Origin origin = Origin.LOCAL;
        for (List<Cid> batch : batches(fresh)) {
            Set<Origin> from = new HashSet<>();
            batch.forEach(c -> from.add(origins.get(c)));
            Origin next = from.size() == 1 ? from.iterator().next() : Origin.LOCAL;
            if (!run.isEmpty() && !next.equals(origin)) {
                feed.add(new Change(run, List.of(), origin));
                run = new ArrayList<>();
            }
            origin = next;
            run.addAll(batch);
        }
        if (!run.isEmpty()) {
            boolean single = run.size() == fresh.size() && origin.equals(Origin.LOCAL);
            feed.add(new Change(run, single ? nodes.stream().map(Block::cid).toList() : List.of(), origin));
        }
    }

    private List<List<Cid>> batches(List<Cid> causal) {
        List<List<Cid>> batches = new ArrayList<>();
        List<Cid> batch = new ArrayList<>();
        for (Cid cid : causal) {
            batch.add(cid);
            if (!isInterior(events.get(cid))) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
        }
        return batches;
    }

    private boolean isInterior(Event event) {
        return event.root() == null
                && (event.type() == Event.Type.PUT || !merge.after(event.cid()).isEmpty());
    }

    private List<Cid> nowComplete() {
        Set<Cid> closed = new LinkedHashSet<>();
        Set<Event> open = new LinkedHashSet<>();
        events.values().stream().filter(e -> !acceptedAt.containsKey(e.cid())).forEach(open::add);
        boolean more = true;
        while (more) {
            more = open.removeIf(e -> {
                boolean whole = e.parents().stream().allMatch(p -> acceptedAt.containsKey(p) || closed.contains(p));
                return whole && closed.add(e.cid());
            });
        }
        Set<Cid> complete = new HashSet<>();
        for (Cid cid : closed) {
            if (!isInterior(events.get(cid))) {
                List<Cid> up = new ArrayList<>(List.of(cid));
                while (!up.isEmpty()) {
                    Cid next = up.remove(up.size() - 1);
                    if (!acceptedAt.containsKey(next) && complete.add(next)) {
                        up.addAll(events.get(next).parents());
                    }
                }
            }
        }
        return causal(complete);
    }

    /** Parents first; batches in one piece, because each is a chain. */
    private List<Cid> causal(Set<Cid> among) {
        Set<Cid> done = new LinkedHashSet<>();
        Set<Cid> tops = new LinkedHashSet<>(among.stream().sorted().toList());
        among.forEach(c -> tops.removeAll(events.get(c).parents()));
        for (Cid top : tops) {
            visit(top, among, done);
        }
        return List.copyOf(done);
    }

    private void visit(Cid cid, Set<Cid> among, Set<Cid> done) {
        List<Cid> path = new ArrayList<>(List.of(cid));
        while (!path.isEmpty()) {
            Cid last = path.get(path.size() - 1);
            Cid next = null;
            for (Cid parent : events.get(last).parents()) {
                if (among.contains(parent) && !done.contains(parent)) {
                    next = parent;
                }
            }
            if (next == null) {
                done.add(path.remove(path.size() - 1));
            } else {
                path.add(next);
            }
        }
    }

    private Cursor cursor() {
        return new Cursor("n" + feed.size());
    }

    @Override
    public Changes changes(Cursor after, int maxEvents) {
        int from = Integer.parseInt(after.token().substring(1));
        if (from < feedStart) {
            throw new SyncException(ErrorKind.CURSOR_EXPIRED, "the feed starts at " + feedStart);
        }
        List<Change> page = new ArrayList<>();
        int count = 0;
        int to = from;
        while (to < feed.size() && count < maxEvents) {
            page.add(feed.get(to));
            count += feed.get(to).events().size();
            to++;
        }
        return new Changes(page, new Cursor("n" + to));
    }

    @Override
    public Subscription onChange(Runnable wakeUp) {
        listeners.add(wakeUp);
        return () -> listeners.remove(wakeUp);
    }

    @Override
    public Snapshot snapshot() {
        openSnapshots++;
        return new Still();
    }

    private final class Still implements Snapshot {
        private final int stored = order.size();
        private final int accepted = acceptedAt.size();
        private final List<Cid> clock = heads;
        private final Cursor place = NaiveReplica.this.cursor();
        private boolean closed;

        private void open() {
            if (closed) {
                throw new SyncException(ErrorKind.CLOSED, "the snapshot is closed");
            }
        }

        @Override
        public Cursor cursor() {
            open();
            return place;
        }

        @Override
        public List<Cid> heads() {
            open();
            return clock;
        }

        @Override
        public @Nullable Event event(Cid cid) {
            open();
            Integer at = acceptedAt.get(cid);
            return at != null && at < accepted ? events.get(cid) : null;
        }

        @Override
        public @Nullable Block block(Cid cid) {
            open();
            Integer at = storedAt.get(cid);
            return at != null && at < stored ? blocks.get(cid) : null;
        }

        @Override
        public List<Cid> missing(Collection<Cid> cids) {
            return cids.stream().distinct().filter(c -> block(c) == null).toList();
        }

        @Override
        public Iterator<Cid> storedCids() {
            open();
            return List.copyOf(order.subList(0, stored)).iterator();
        }

        @Override
        public Tree tree(Cid cid) {
            Event event = event(cid);
            if (event == null) {
                throw new SyncException(ErrorKind.NOT_FOUND, "event " + cid + " is not complete here");
            }
            List<Block> nodes = event.root() == null ? null : NaiveReplicaTree.stored(event.root(), this::block);
            if (nodes == null || !NaiveReplicaTree.holds(nodes, merge.after(cid))) {
                nodes = NaiveReplicaTree.build(merge.after(cid));
            }
            return new Tree(nodes.isEmpty() ? null : nodes.get(0).cid(), nodes.iterator());
        }

        @Override
        public Tree canonicalTree(Collection<Cid> clock) {
            open();
            List<Block> nodes = NaiveReplicaTree.build(merge.at(clock));
            return new Tree(nodes.isEmpty() ? null : nodes.get(0).cid(), nodes.iterator());
        }

        @Override
        public Summary summary() {
            open();
            return new Summary(merge.documents(clock).size(), accepted, events.size() - acceptedAt.size(), stored, 0);
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                openSnapshots--;
            }
        }
    }
}
