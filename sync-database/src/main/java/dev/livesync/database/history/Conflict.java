package dev.livesync.database.history;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A key that has two or more candidates: events of the key of which none is an ancestor of another. */
final class Conflict {
    /** Where it is kept; see {@link Conflicts}. */
    enum Place {
        OPEN,
        BAKED,
        RESOLVED
    }

    /**
     * What weighed the candidates: the heads, or once an event has all those heads as its parents, that event for good. One object for
     * all conflicts that were weighed together.
     */
    static final class Scope {
        /** The merge, or NONE as long as it is the heads. */
        int event = EventGraph.NONE;
    }

    final int key;
    /** Ascending; replaced, never changed. */
    int[] candidates;

    /** What decided last. Of a baked conflict null or right for as long as it stays baked; else right if it is the heads' own. */
    @Nullable
    Scope scope;

    int winner = EventGraph.NONE;
    Place place = Place.OPEN;
    int slot = -1;
    /** Its place among the conflicts between puts and deletes, or -1. */
    int mixedAt = -1;

    Conflict(int key, int a, int b) {
        this.key = key;
        candidates = new int[] {a, b};
    }

    /** All candidates lie on the same side of any dominator of the heads, so one can stand for all. */
    int lowest() {
        return candidates[0];
    }

    /**
     * Takes in the newest event of the key.
     *
     * @return false if all candidates are its ancestors; nothing has changed then
     */
    boolean add(EventGraph graph, int e) {
        int[] kept = new int[candidates.length + 1];
        int count = 0;
        for (int c : candidates) {
            if (!graph.isAncestor(c, e)) {
                kept[count++] = c;
            }
        }
        if (count == 0) {
            return false;
        }
        kept[count++] = e;
        candidates = Arrays.copyOf(kept, count);
        scope = null;
        return true;
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

    /** What the winner was before a change, or {@link ChangeTracker#UNKNOWN}. */
    int lastWinner() {
        return place == Place.BAKED && scope != null ? winner : ChangeTracker.UNKNOWN;
    }
}
