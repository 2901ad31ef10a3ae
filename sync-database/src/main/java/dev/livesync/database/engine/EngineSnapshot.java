package dev.livesync.database.engine;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.store.BlockIndex;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A {@link State} as sessions see it. Keeps its blocks from compaction. */
final class EngineSnapshot implements Snapshot {
    private final State state;
    private final Cursor cursor;
    private final Runnable requireOpen;
    private boolean closed;

    /** Of a state whose store was pinned for this snapshot. */
    EngineSnapshot(State state, Cursor cursor, Runnable requireOpen) {
        this.state = state;
        this.cursor = cursor;
        this.requireOpen = requireOpen;
    }

    private State state() {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the snapshot is closed");
        }
        requireOpen.run();
        return state;
    }

    @Override
    public Cursor cursor() {
        state();
        return cursor;
    }

    @Override
    public List<Cid> heads() {
        return state().heads;
    }

    @Override
    public @Nullable Event event(Cid cid) {
        return state().event(cid);
    }

    @Override
    public @Nullable Block block(Cid cid) {
        return state().block(cid);
    }

    @Override
    public List<Cid> missing(Collection<Cid> cids) {
        State s = state();
        Set<Cid> missing = new LinkedHashSet<>();
        for (Cid cid : cids) {
            if (!s.isStored(cid)) {
                missing.add(cid);
            }
        }
        return List.copyOf(missing);
    }

    @Override
    public Iterator<Cid> storedCids() {
        State s = state();
        BlockIndex index = s.store.index();
        return checked(IntStream.range(0, s.blocks())
                .filter(number -> !s.isEvicted(number))
                .mapToObj(index::cid)
                .iterator());
    }

    @Override
    public Tree tree(Cid event) {
        Trees.Source tree = Trees.of(state(), complete(event));
        return new Tree(tree.root(), checked(tree.blocks()));
    }

    @Override
    public Tree canonicalTree(Collection<Cid> clock) {
        CanonicalTree tree = CanonicalTree.at(state(), complete(clock));
        return new Tree(tree.root(), checked(tree.blocks()));
    }

    @Override
    public @Nullable Cid commonAncestor(Collection<Cid> events) {
        EventGraph graph = state().core.graph;
        int ancestor = graph.nearestCommonAncestor(complete(events));
        return ancestor == EventGraph.NONE ? null : graph.cid(ancestor);
    }

    @Override
    public List<Block> newNodes(Cid event) {
        return Trees.newNodes(state(), complete(event));
    }

    @Override
    public boolean isInterior(Cid event) {
        return state().core.feed.isInterior(complete(event));
    }

    private int complete(Cid event) {
        int index = state().index(event);
        if (index == EventGraph.NONE) {
            throw new SyncException(ErrorKind.NOT_FOUND, "event " + event + " is not complete here");
        }
        return index;
    }

    private int[] complete(Collection<Cid> events) {
        return events.stream().mapToInt(this::complete).toArray();
    }

    @Override
    public Iterator<Cid> eventsSince(Collection<Cid> frontier) {
        State s = state();
        int[] known = frontier.stream().mapToInt(s::index).filter(i -> i >= 0).toArray();
        // Whatever is complete descends to the heads.
        return known.length == 0 ? cids(s, s.events, i -> i) : cids(s, s.core.graph.since(s.headIndexes, known));
    }

    private Iterator<Cid> cids(State s, int... events) {
        return cids(s, events.length, i -> events[i]);
    }

    private Iterator<Cid> cids(State s, int count, IntUnaryOperator event) {
        return checked(new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < count;
            }

            @Override
            public Cid next() {
                if (next == count) {
                    throw new NoSuchElementException();
                }
                return s.core.graph.cid(event.applyAsInt(next++));
            }
        });
    }

    @Override
    public boolean isAncestor(Cid ancestor, Cid descendant) {
        State s = state();
        int a = s.index(ancestor);
        int d = s.index(descendant);
        return a >= 0 && d >= 0 && s.core.graph.isAncestor(a, d);
    }

    @Override
    public Summary summary() {
        return state().summary();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            state.store.unpin();
        }
    }

    /** An iterator that ends with the snapshot. */
    private <T> Iterator<T> checked(Iterator<T> iterator) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                state();
                return iterator.hasNext();
            }

            @Override
            public T next() {
                state();
                return iterator.next();
            }
        };
    }
}
