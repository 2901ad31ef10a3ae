package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Tree;
import dev.livesync.database.history.EventGraph;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What a snapshot says of complete events, wherever their blocks are: a {@link ReadView} as sessions see it. */
public abstract class ViewSnapshot implements Snapshot {
    private final ReadView view;
    private final Cursor cursor;
    private final Runnable requireOpen;
    private boolean closed;

    /**
     * Creates a snapshot.
     *
     * @param view the state
     * @param cursor its place in the feed
     * @param requireOpen fails once the database is closed
     */
    protected ViewSnapshot(ReadView view, Cursor cursor, Runnable requireOpen) {
        this.view = view;
        this.cursor = cursor;
        this.requireOpen = requireOpen;
    }

    /**
     * Refuses what comes after the end of the snapshot or of its database.
     *
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    protected final void requireOpen() {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the snapshot is closed");
        }
        requireOpen.run();
    }

    private ReadView view() {
        requireOpen();
        return view;
    }

    @Override
    public Cursor cursor() {
        requireOpen();
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
        EventGraph graph = view().derived.graph;
        int ancestor = graph.nearestCommonAncestor(complete(events));
        return ancestor == EventGraph.NONE ? null : graph.cid(ancestor);
    }

    @Override
    public List<Block> newNodes(Cid event) {
        return Trees.newNodes(view(), complete(event));
    }

    @Override
    public boolean isInterior(Cid event) {
        return view().derived.feed.isInterior(complete(event));
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
        ReadView s = view();
        int[] known = frontier.stream().mapToInt(s::index).filter(i -> i >= 0).toArray();
        // Whatever is complete descends to the heads.
        return known.length == 0 ? cids(s, s.events, i -> i) : cids(s, s.derived.graph.since(s.headIndexes, known));
    }

    @Override
    public List<Cid> earlier(int... distances) {
        ReadView s = view();
        return new EarlierEvents(s.derived.graph, s.derived.feed, s.events, s.headIndexes).at(distances);
    }

    private Iterator<Cid> cids(ReadView s, int... events) {
        return cids(s, events.length, i -> events[i]);
    }

    private Iterator<Cid> cids(ReadView s, int count, IntUnaryOperator event) {
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
                return s.derived.graph.cid(event.applyAsInt(next++));
            }
        });
    }

    @Override
    public boolean isAncestor(Cid ancestor, Cid descendant) {
        ReadView s = view();
        int a = s.index(ancestor);
        int d = s.index(descendant);
        return a >= 0 && d >= 0 && s.derived.graph.isAncestor(a, d);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            released();
        }
    }

    /** Lets go of what the snapshot holds; called once. */
    protected void released() {}

    /**
     * Has an iterator end with the snapshot.
     *
     * @param iterator any
     * @param <T> of what
     * @return the same elements, until the snapshot or its database is closed
     */
    protected final <T> Iterator<T> checked(Iterator<T> iterator) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                requireOpen();
                return iterator.hasNext();
            }

            @Override
            public T next() {
                requireOpen();
                return iterator.next();
            }
        };
    }
}
