package dev.livesync.core.session;

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
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import dev.livesync.car.DagCbor;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The Replica contract in the plainest way: everything in maps, snapshots are copies. Trees are one made-up node per event,
 * which will do between peers that don't send them.
 */
public final class TestReplica implements Replica {
    private final Map<Cid, Block> blocks = new LinkedHashMap<>();
    private final Map<Cid, Event> complete = new LinkedHashMap<>();
    private final Map<Cid, Event> pending = new LinkedHashMap<>();
    private final Map<Cid, Origin> origins = new LinkedHashMap<>();
    private final List<Change> feed = new ArrayList<>();
    private final List<Runnable> wakeUps = new CopyOnWriteArrayList<>();
    private final List<Cid> heads = new ArrayList<>();
    private SyncException broken;
    private int commits;

    /** One put of one document. */
    public synchronized Cid put(String id, String text) {
        Value.Mapping document = new Value.Mapping(Map.of("text", new Value.Text(text)));
        return local(root -> Events.put(Keys.ofId(id), Encoded.of(document), root, heads()), id + text);
    }

    public synchronized Cid delete(String id) {
        return local(root -> Events.delete(Keys.ofId(id), root, heads()), id);
    }

    private Cid local(java.util.function.Function<Cid, Event> make, String seed) {
        Block node = Block.of(
                Cid.DAG_CBOR, DagCbor.encode(new Value.Mapping(Map.of("leaf", new Value.Text(seed + heads())))));
        Event event = make.apply(node.cid());
        commit(new Commit(List.of(node), List.of(event), Origin.LOCAL));
        return event.cid();
    }

    public synchronized List<Cid> heads() {
        return new ArrayList<>(new TreeSet<>(heads));
    }

    public synchronized Set<Cid> events() {
        return new HashSet<>(complete.keySet());
    }

    public synchronized int commits() {
        return commits;
    }

    /** From here on every method fails. */
    public synchronized void breakDown(SyncException failure) {
        broken = failure;
    }

    public void close() {
        breakDown(new SyncException(ErrorKind.CLOSED, "the database is closed"));
        wakeUps.forEach(Runnable::run);
    }

    public int subscribers() {
        return wakeUps.size();
    }

    private void check() {
        if (broken != null) {
            throw broken;
        }
    }

    @Override
    public CommitResult commit(Commit commit) {
        CommitResult result;
        synchronized (this) {
            check();
            commits++;
            commit.blocks().forEach(b -> blocks.putIfAbsent(b.cid(), b));
            for (Event e : commit.events()) {
                blocks.putIfAbsent(e.cid(), e.block());
                if (!complete.containsKey(e.cid()) && pending.putIfAbsent(e.cid(), e) == null) {
                    origins.put(e.cid(), commit.origin());
                }
            }
            List<Cid> accepted = new ArrayList<>();
            boolean moved = true;
            while (moved) {
                moved = false;
                for (Event e : List.copyOf(pending.values())) {
                    if (complete.keySet().containsAll(e.parents())) {
                        pending.remove(e.cid());
                        complete.put(e.cid(), e);
                        heads.removeAll(e.parents());
                        heads.add(e.cid());
                        accepted.add(e.cid());
                        feed.add(new Change(List.of(e.cid()), List.of(), origins.get(e.cid())));
                        moved = true;
                    }
                }
            }
            List<Cid> waiting = commit.events().stream()
                    .map(Event::cid)
                    .filter(pending::containsKey)
                    .toList();
            Set<Cid> missing = new LinkedHashSet<>();
            waiting.forEach(cid -> missing.addAll(pending.get(cid).parents()));
            missing.removeAll(complete.keySet());
            missing.removeAll(pending.keySet());
            result = new CommitResult(heads(), accepted, waiting, List.copyOf(missing), cursor());
        }
        wakeUps.forEach(Runnable::run);
        return result;
    }

    private Cursor cursor() {
        return new Cursor("c" + feed.size());
    }

    @Override
    public synchronized Changes changes(Cursor after, int maxEvents) {
        check();
        int from = Integer.parseInt(after.token().substring(1));
        int to = Math.min(feed.size(), from + maxEvents);
        return new Changes(feed.subList(from, to), new Cursor("c" + to));
    }

    @Override
    public Subscription onChange(Runnable wakeUp) {
        synchronized (this) {
            check();
        }
        wakeUps.add(wakeUp);
        return () -> wakeUps.remove(wakeUp);
    }

    @Override
    public synchronized Snapshot snapshot() {
        check();
        return new Copy(cursor(), heads(), new LinkedHashMap<>(blocks), new LinkedHashMap<>(complete), pending.size());
    }

    private record Copy(
            Cursor cursor, List<Cid> heads, Map<Cid, Block> blocks, Map<Cid, Event> complete, int pendingCount)
            implements Snapshot {
        @Override
        public Event event(Cid cid) {
            return complete.get(cid);
        }

        @Override
        public Block block(Cid cid) {
            return blocks.get(cid);
        }

        @Override
        public List<Cid> missing(Collection<Cid> cids) {
            return cids.stream().distinct().filter(c -> !blocks.containsKey(c)).toList();
        }

        @Override
        public Iterator<Cid> storedCids() {
            return blocks.keySet().iterator();
        }

        @Override
        public Tree tree(Cid event) {
            Cid root = complete.get(event).root();
            Block node = root == null ? null : blocks.get(root);
            return new Tree(
                    root,
                    node == null ? Collections.emptyIterator() : List.of(node).iterator());
        }

        @Override
        public Tree canonicalTree(Collection<Cid> clock) {
            return tree(clock.iterator().next());
        }

        @Override
        public Summary summary() {
            long bytes = blocks.values().stream().mapToLong(Block::size).sum();
            return new Summary(complete.size(), complete.size(), pendingCount, blocks.size(), bytes);
        }

        @Override
        public void close() {}
    }
}
