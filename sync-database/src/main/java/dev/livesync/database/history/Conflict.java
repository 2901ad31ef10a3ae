package dev.livesync.database.history;

import dev.livesync.database.columns.IntMap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A key that has two or more candidates: events of the key of which none is an ancestor of another.
 *
 * <p>There may be as many as a peer cares to write, so taking in one more must not look at all of them. Candidates are an antichain, and
 * so no two are on one chain of the graph: beyond a few they are found by their chains, and a new event looks only at those chains
 * that it descends from.
 */
final class Conflict {
    /** Up to this many candidates are compared one by one. */
    private static final int FEW = 8;

    private static final int REMOVED = -1;

    /**
     * The merge under which candidates were weighed: that of the heads, or once an event has all those heads as its parents, that event.
     * One object for all conflicts that were weighed together.
     */
    static final class Scope {
        /** The merge, or NONE as long as it is the heads. */
        int event = EventGraph.NONE;

        /** A common ancestor of the heads on whose chain of dominators the merge is known to lie. */
        private int below = EventGraph.NONE;

        /** Whether this merge decides its conflicts while the heads have a certain common ancestor. */
        boolean holds(EventGraph graph, int common) {
            if (event == EventGraph.NONE) {
                return false;
            }
            if (below != common && graph.lift(common, event) == event) {
                below = common;
            }
            return below == common;
        }
    }

    final int key;
    private final EventGraph graph;
    /** Ascending from {@code first} to {@code end}, with gaps where one was removed; neither the first nor the last is a gap. */
    private int[] events;

    private int first;
    private int end;
    private int size;
    private int deletes;
    /** By chain, where in {@code events} its candidate is, or was; null while there are few. */
    private @Nullable IntMap places;

    /** The scope that decided last. {@link CurrentDocuments} finds out whether it still does. */
    @Nullable
    Scope scope;

    int winner = EventGraph.NONE;
    /** The winner's {@code d}, or -1 where that is not known any more. */
    long weight = -1;
    /** Its slot among all conflicts, and its position among those between puts and deletes, or -1. */
    int slot = -1;

    int mixedAt = -1;

    /** Creates a conflict; the candidates ascend. */
    Conflict(EventGraph graph, int key, int... candidates) {
        this.graph = graph;
        this.key = key;
        events = candidates.clone();
        end = events.length;
        size = events.length;
        for (int e : events) {
            deletes += graph.isDelete(e) ? 1 : 0;
        }
    }

    /** Ascending; a new array. */
    int[] candidates() {
        int[] result = new int[size];
        int count = 0;
        for (int i = first; i < end; i++) {
            if (events[i] != REMOVED) {
                result[count++] = events[i];
            }
        }
        return result;
    }

    int size() {
        return size;
    }

    /** All candidates lie on the same side of any dominator of the heads, so one can stand for all. */
    int lowest() {
        return events[first];
    }

    /** Whether some candidates put and others delete. */
    boolean isMixed() {
        return deletes > 0 && deletes < size;
    }

    /** Adds the newest event of the key and removes its ancestors. False if all candidates are its ancestors; then nothing has changed. */
    boolean extend(int e) {
        int[] below = placesBelow(e);
        if (below.length == size) {
            return false;
        }
        for (int place : below) {
            deletes -= graph.isDelete(events[place]) ? 1 : 0;
            events[place] = REMOVED;
        }
        size -= below.length;
        while (events[first] == REMOVED) {
            first++;
        }
        append(e);
        return true;
    }

    private void append(int e) {
        if (end == events.length) {
            events = Arrays.copyOf(candidates(), Math.max(4, 2 * size));
            first = 0;
            end = size;
            places = null;
        }
        if (places != null) {
            places.raise(graph.chain(e), end, -1);
        }
        events[end++] = e;
        size++;
        deletes += graph.isDelete(e) ? 1 : 0;
    }

    /** The positions of the candidates that are ancestors of an event. */
    private int[] placesBelow(int e) {
        if (isForkedBelowAll(e)) {
            return new int[0];
        }
        if (size > FEW) {
            AncestorSet reach = new AncestorSet(graph, lowest());
            boolean done = reach.add(e, size);
            graph.counted(reach.steps());
            if (done) {
                return placesIn(reach);
            }
        }
        int[] below = new int[4];
        int count = 0;
        for (int i = first; i < end; i++) {
            if (events[i] != REMOVED && graph.isAncestor(events[i], e)) {
                below = count < below.length ? below : Arrays.copyOf(below, 2 * count);
                below[count++] = i;
            }
        }
        return Arrays.copyOf(below, count);
    }

    /** Whether all parents of an event, and so all its ancestors, have lower indexes than every candidate. */
    private boolean isForkedBelowAll(int e) {
        for (int i = graph.parentCount(e) - 1; i >= 0; i--) {
            if (graph.parent(e, i) >= lowest()) {
                return false;
            }
        }
        return true;
    }

    private int[] placesIn(AncestorSet reach) {
        IntMap byChain = places == null ? byChain() : places;
        places = byChain;
        int[][] below = {new int[4]};
        int[] count = {0};
        reach.forEachChain((chain, position) -> {
            int place = byChain.get(chain, -1);
            if (place >= 0 && events[place] != REMOVED && events[place] <= position) {
                if (count[0] == below[0].length) {
                    below[0] = Arrays.copyOf(below[0], 2 * count[0]);
                }
                below[0][count[0]++] = place;
            }
        });
        return Arrays.copyOf(below[0], count[0]);
    }

    private IntMap byChain() {
        IntMap map = new IntMap();
        for (int i = first; i < end; i++) {
            if (events[i] != REMOVED) {
                map.putIfAbsent(graph.chain(events[i]), i);
            }
        }
        return map;
    }

    /** Whether a merge on the chain of dominators of this event has decided, and nothing changed since. */
    boolean isBaked(EventGraph graph, int common) {
        return scope != null && scope.holds(graph, common);
    }
}
