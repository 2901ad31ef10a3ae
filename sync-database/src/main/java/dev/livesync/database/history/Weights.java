package dev.livesync.database.history;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the window of some heads: {@code n} and {@code d} of every event in it, highest index first, which is an order in
 * which children come before parents. Both saturate at {@link Long#MAX_VALUE}, and since they only ever add up, so does every
 * replica whatever the order.
 *
 * <p>The window need not be dense among the indexes, so sums live in pages that exist from their first event to their last and are used
 * again. Memory is one reference for 256 indexes, and a page for each that holds events in waiting.
 */
final class Weights {
    private static final int SHIFT = 8;
    private static final int PAGE = 1 << SHIFT;
    private static final long MAX = Long.MAX_VALUE;

    /** What to do with the window's events. */
    interface Visitor {
        /**
         * Called for every event of the window.
         *
         * @param e its index, descending from call to call
         * @param d the sum of the lengths of all paths from the heads to it
         * @return false to end the pass
         */
        boolean visit(int e, long d);
    }

    private static final class Page {
        final long[] waiting = new long[PAGE / 64];
        final long[] n = new long[PAGE];
        final long[] d = new long[PAGE];
    }

    private final EventGraph graph;
    private final int floor;
    private @Nullable Page[] pages = new @Nullable Page[4];
    private @Nullable Page spare;
    /** The highest index of the window; pages count downwards from there. */
    private final int top;

    private long visited;
    /** Events in waiting, and those of them whose {@code d} is not saturated. */
    private int waiting;

    private int unsaturated;

    /**
     * Prepares a pass.
     *
     * @param graph the events
     * @param heads where it starts, an antichain of at least two
     * @param floor their nearest common ancestor, which the pass does not enter, or NONE
     */
    Weights(EventGraph graph, int[] heads, int floor) {
        this.graph = graph;
        this.floor = floor;
        int highest = 0;
        for (int h : heads) {
            highest = Math.max(highest, h);
        }
        top = highest;
        for (int h : heads) {
            add(h, 1, 0);
        }
    }

    /**
     * Visits the window. Once only.
     *
     * @param tillSaturated whether to end as soon as all that is left to visit has the {@code d} of {@link Long#MAX_VALUE}
     * @param visitor what to do
     */
    void run(boolean tillSaturated, Visitor visitor) {
        for (int p = 0; p < pages.length; p++) {
            Page page = pages[p];
            if (page == null) {
                if (waiting == 0) {
                    return;
                }
                continue;
            }
            for (int word = 0; word < page.waiting.length; word++) {
                while (page.waiting[word] != 0) {
                    if (tillSaturated && unsaturated == 0) {
                        return;
                    }
                    int bit = Long.numberOfTrailingZeros(page.waiting[word]);
                    page.waiting[word] &= ~(1L << bit);
                    int at = word << 6 | bit;
                    if (!leave(top - (p << SHIFT) - at, page.n[at], page.d[at], visitor)) {
                        return;
                    }
                }
            }
            pages[p] = null;
            spare = page;
        }
    }

    private boolean leave(int e, long n, long d, Visitor visitor) {
        visited++;
        waiting--;
        unsaturated -= d == MAX ? 0 : 1;
        if (!visitor.visit(e, d)) {
            return false;
        }
        long further = plus(d, n);
        for (int i = graph.parentCount(e) - 1; i >= 0; i--) {
            int parent = graph.parent(e, i);
            if (parent != floor) {
                add(parent, n, further);
            }
        }
        return true;
    }

    private void add(int e, long n, long d) {
        Page page = page(top - e >>> SHIFT);
        int at = top - e & (PAGE - 1);
        long bit = 1L << at;
        if ((page.waiting[at >>> 6] & bit) == 0) {
            page.waiting[at >>> 6] |= bit;
            page.n[at] = n;
            page.d[at] = d;
            waiting++;
            unsaturated += d == MAX ? 0 : 1;
        } else {
            long before = page.d[at];
            page.n[at] = plus(page.n[at], n);
            page.d[at] = plus(before, d);
            unsaturated -= before != MAX && page.d[at] == MAX ? 1 : 0;
        }
    }

    private Page page(int p) {
        if (p >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(p + 1, 2 * pages.length));
        }
        Page page = pages[p];
        if (page == null) {
            page = spare == null ? new Page() : spare;
            spare = null;
            pages[p] = page;
        }
        return page;
    }

    /** How many events the pass has visited. */
    long visited() {
        return visited;
    }

    private static long plus(long a, long b) {
        long sum = a + b;
        return sum < 0 ? MAX : sum;
    }
}
