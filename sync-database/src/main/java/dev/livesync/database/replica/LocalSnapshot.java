package dev.livesync.database.replica;

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
import dev.livesync.database.log.BlockIndex;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A {@link StoredView} as sessions see it. Keeps its blocks from compaction. */
final class LocalSnapshot implements Snapshot {
    private final StoredView view;
    private final Cursor cursor;
    private final Runnable requireOpen;
    private boolean closed;

    /** Of a view whose store was pinned for this snapshot. */
    LocalSnapshot(StoredView view, Cursor cursor, Runnable requireOpen) {
        this.view = view;
        this.cursor = cursor;
        this.requireOpen = requireOpen;
    }

    private StoredView view() {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the snapshot is closed");
        }
        requireOpen.run();
        return view;
    }

    @Override
    public Cursor cursor() {
        view();
        return cursor;
    }

    @Override
    public List<Cid> heads() {
        return view().heads;
    }

    @Override
    public @Nullable Event event(Cid cid) {
        return view().event(cid);
    }

    @Override
    public @Nullable Block block(Cid cid) {
        return view().block(cid);
    }

    @Override
    public int size(Cid cid) {
        return view().size(cid);
    }

    @Override
    public List<Cid> missing(Collection<Cid> cids) {
        StoredView s = view();
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
        StoredView s = view();
        BlockIndex index = s.store.index();
        return checked(IntStream.range(0, s.blocks())
                .filter(number -> !s.isEvicted(number))
                .mapToObj(index::cid)
                .iterator());
    }

    @Override
    public Tree tree(Cid event) {
        Trees.Source tree = Trees.of(view(), complete(event));
        return new Tree(tree.root(), checked(tree.blocks()));
    }

    @Override
    public Tree canonicalTree(Collection<Cid> clock) {
        CanonicalTree tree = CanonicalTree.at(view(), complete(clock));
        return new Tree(tree.root(), checked(tree.blocks()));
    }

    @Override
    public @Nullable Cid commonAncestor(Collection<Cid> events) {
        EventGraph graph = view().writer.graph;
        int ancestor = graph.nearestCommonAncestor(complete(events));
        return ancestor == EventGraph.NONE ? null : graph.cid(ancestor);
    }

    @Override
    public List<Block> newNodes(Cid event) {
        return Trees.newNodes(view(), complete(event));
    }

    @Override
    public boolean isInterior(Cid event) {
        return view().writer.feed.isInterior(complete(event));
    }

    private int complete(Cid event) {
        int index = view().index(event);
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
        StoredView s = view();
        int[] known = frontier.stream().mapToInt(s::index).filter(i -> i >= 0).toArray();
        // Whatever is complete descends to the heads.
        return known.length == 0 ? cids(s, s.events, i -> i) : cids(s, s.writer.graph.since(s.headIndexes, known));
    }

    @Override
    public List<Cid> earlier(int... distances) {
        StoredView s = view();
        return new EarlierEvents(s.writer.graph, s.writer.feed, s.events, s.headIndexes).at(distances);
    }

    private Iterator<Cid> cids(StoredView s, int... events) {
        return cids(s, events.length, i -> events[i]);
    }

    private Iterator<Cid> cids(StoredView s, int count, IntUnaryOperator event) {
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
                return s.writer.graph.cid(event.applyAsInt(next++));
            }
        });
    }

    @Override
    public boolean isAncestor(Cid ancestor, Cid descendant) {
        StoredView s = view();
        int a = s.index(ancestor);
        int d = s.index(descendant);
        return a >= 0 && d >= 0 && s.writer.graph.isAncestor(a, d);
    }

    @Override
    public Summary summary() {
        return view().summary();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            view.store.unpin();
        }
    }

    /** An iterator that ends with the snapshot. */
    private <T> Iterator<T> checked(Iterator<T> iterator) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                view();
                return iterator.hasNext();
            }

            @Override
            public T next() {
                view();
                return iterator.next();
            }
        };
    }
}
