package dev.livesync.database.history;

import dev.livesync.database.columns.IntMap;
import java.util.Arrays;

/**
 * Some events and their ancestors down to an index, as the highest position on each chain of {@link Chains}. What many ancestor questions
 * would cost together, one walk over the merges costs once; each is then a look into a table. Events may be added at any time, and a later
 * one pays only for what the earlier ones have not found. One thread at a time; readers of a prefix too.
 */
final class AncestorSet {
    private static final int NONE = EventGraph.NONE;

    private final EventGraph graph;
    private final int floor;
    private final IntMap reached = new IntMap();
    private int[] todo = new int[16];
    private int count;
    private long steps;

    /**
     * Creates an empty set.
     *
     * @param floor the lowest index that anybody will ask for
     */
    AncestorSet(EventGraph graph, int floor) {
        this.graph = graph;
        this.floor = floor;
    }

    /**
     * Adds an event and its ancestors.
     *
     * @param most how many steps this may take
     * @return whether it was done; if not, this set must not be used any more
     */
    boolean add(int e, long most) {
        long limit = most > Long.MAX_VALUE - steps ? Long.MAX_VALUE : steps + most;
        enter(e);
        while (count > 0) {
            int before = todo[--count];
            if (!walk(todo[--count], before, limit)) {
                return false;
            }
        }
        return true;
    }

    /** Whether an event at or above the floor was added or is an ancestor of one that was. */
    boolean has(int e) {
        return e <= reached.get(graph.chain(e), NONE);
    }

    /** The chains that were reached and their highest positions, in no order. */
    void forEachChain(IntMap.Entries chains) {
        reached.forEach(chains);
    }

    /** The cost so far: positions entered and merges visited. */
    long steps() {
        return steps;
    }

    private void enter(int e) {
        steps++;
        if (e < floor) {
            return;
        }
        int before = reached.raise(graph.chain(e), e, NONE);
        if (before < e) {
            if (count + 2 > todo.length) {
                todo = Arrays.copyOf(todo, 2 * todo.length);
            }
            todo[count++] = e;
            todo[count++] = before;
        }
    }

    /** Looks at the merges of one chain, from a position down to what was looked at before. */
    private boolean walk(int from, int before, long limit) {
        int at = graph.runStart(from);
        while (at > before && at >= floor) {
            if (steps++ >= limit) {
                return false;
            }
            if (graph.parentCount(at) < 2) {
                enter(graph.up(at)); // the first of its chain, and what it is based upon
                return true;
            }
            // The first parent is on the chain or is its base; it comes below.
            for (int i = graph.parentCount(at) - 1; i > 0; i--) {
                enter(graph.parent(at, i));
            }
            int below = graph.mergeBelow(at);
            if (below == NONE) {
                enter(graph.base(at));
                return true;
            }
            at = below;
        }
        return true;
    }
}
