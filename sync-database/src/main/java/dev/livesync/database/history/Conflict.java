package dev.livesync.database.history;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A key that has two or more candidates: events of the key of which none is an ancestor of another. */
final class Conflict {
    /**
     * What weighed the candidates: the heads, or once an event has all those heads as its parents, that event for good. One object for
     * all conflicts that were weighed together.
     */
    static final class Scope {
        /** The merge, or NONE as long as it is the heads. */
        int event = EventGraph.NONE;

        /** A common ancestor of the heads on whose chain of dominators the merge is known to lie. */
        private int below = EventGraph.NONE;

        /** Whether this is what counts for its conflicts while the heads have a certain common ancestor. */
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
    /** Ascending; replaced, never changed. */
    int[] candidates;

    /** What decided last. Whether it is what decides now, {@link Documents} finds out. */
    @Nullable
    Scope scope;

    int winner = EventGraph.NONE;
    /** Its number among all conflicts, and its place among those between puts and deletes, or -1. */
    int slot = -1;

    int mixedAt = -1;

    Conflict(int key, int a, int b) {
        this.key = key;
        candidates = new int[] {a, b};
    }

    /** All candidates lie on the same side of any dominator of the heads, so one can stand for all. */
    int lowest() {
        return candidates[0];
    }

    /** The candidates that are no ancestors of an event. */
    int[] notBelow(EventGraph graph, int e) {
        int[] kept = new int[candidates.length];
        int count = 0;
        for (int c : candidates) {
            if (!graph.isAncestor(c, e)) {
                kept[count++] = c;
            }
        }
        return Arrays.copyOf(kept, count);
    }

    /** Whether some candidates put and others delete. */
    boolean isMixed(EventGraph graph) {
        boolean first = graph.isDelete(candidates[0]);
        for (int c : candidates) {
            if (graph.isDelete(c) != first) {
                return true;
            }
        }
        return false;
    }

    /** Whether a merge on the chain of dominators of this event has decided, and nothing changed since. */
    boolean isBaked(EventGraph graph, int common) {
        return scope != null && scope.holds(graph, common);
    }
}
