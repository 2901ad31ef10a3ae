package dev.livesync.database.history;

import java.util.Arrays;
import java.util.BitSet;

/** Walks down from heads and frontier at once and stops as soon as everything left is the frontier's. One use. */
final class Difference {
    private final EventGraph graph;
    /** Both by distance below the highest index, so that a short walk takes little memory. */
    private final BitSet found = new BitSet();

    private final BitSet known = new BitSet();
    private int top = -1;
    /** Found, not walked yet and not known. */
    private int open;

    Difference(EventGraph graph) {
        this.graph = graph;
    }

    int[] compute(int[] heads, int[] frontier) {
        for (int e : heads) {
            top = Math.max(top, e);
        }
        for (int e : frontier) {
            top = Math.max(top, e);
        }
        for (int e : frontier) {
            reach(e, true);
        }
        for (int e : heads) {
            reach(e, false);
        }
        int[] result = new int[16];
        int count = 0;
        for (int at = found.nextSetBit(0); open > 0; at = found.nextSetBit(at + 1)) {
            int e = top - at;
            boolean isKnown = known.get(at);
            if (!isKnown) {
                open--;
                result = count < result.length ? result : Arrays.copyOf(result, 2 * count);
                result[count++] = e;
            }
            for (int i = graph.parentCount(e) - 1; i >= 0; i--) {
                reach(graph.parent(e, i), isKnown);
            }
        }
        int[] ascending = new int[count];
        for (int i = 0; i < count; i++) {
            ascending[i] = result[count - 1 - i];
        }
        return ascending;
    }

    private void reach(int e, boolean isKnown) {
        int at = top - e;
        boolean isNew = !found.get(at);
        boolean wasKnown = known.get(at);
        found.set(at);
        if (isKnown) {
            known.set(at);
            open -= isNew || wasKnown ? 0 : 1;
        } else {
            open += isNew ? 1 : 0;
        }
    }
}
