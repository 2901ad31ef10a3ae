package dev.livesync.database.history;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the window of some heads: {@code n} and {@code d} of every event in it, highest index first, which is an order in
 * which children come before parents. Both saturate at {@link Long#MAX_VALUE}, and since they only ever add up, so does every
 * replica whatever the order.
 *
 * <p>The window need not be dense among the indexes, so sums live in one page for a block of {@value #BLOCK} indexes, which exists from its
 * first event to its last and is used again. A pass for a few events only crosses the blocks without any of them by {@link Shortcuts}, and
 * may end where everything left is saturated.
 */
final class Weights {
    private static final int BLOCK = Shortcuts.BLOCK;

    /** Beyond this many events in waiting a block is cheaper to walk than to cross. */
    private static final int FEW = 8;

    private static final int SHIFT = 9;
    private static final long MAX = Long.MAX_VALUE;

    /** Visits the window's events. */
    interface Visitor {
        /**
         * Called for the events of the window.
         *
         * @param e its index, descending from call to call
         * @param d the sum of the lengths of all paths from the heads to it
         * @return false to end the pass
         */
        boolean visit(int e, long d);

        /**
         * Whether events of a block have to be visited.
         *
         * @param block {@link #block} of their indexes
         * @return false to leave the block out
         */
        default boolean needs(int block) {
            return true;
        }

        /**
         * Whether events have to be visited whose {@code d} can only be {@link Long#MAX_VALUE}.
         *
         * @return false to end the pass when no others are left
         */
        default boolean needsSaturated() {
            return true;
        }
    }

    private static final class Page {
        final long[] waiting = new long[BLOCK / 64];
        final long[] n = new long[BLOCK];
        final long[] d = new long[BLOCK];
        int count;
    }

    private final EventGraph graph;
    private final int floor;
    private final @Nullable Shortcuts shortcuts;
    /** The block of the highest head; pages count downwards from there. */
    private final int top;

    private @Nullable Page[] pages = new @Nullable Page[4];
    private @Nullable Page spare;
    private long visited;
    private long crossed;
    /** Events in waiting, and those of them whose {@code d} is not saturated. */
    private int waiting;

    private int unsaturated;

    /**
     * Prepares a pass.
     *
     * @param graph the events
     * @param heads where it starts, an antichain of at least two
     * @param floor their nearest common ancestor, which the pass does not enter, or NONE
     * @param shortcuts across blocks that the visitor doesn't need, or null to walk them all the same
     */
    Weights(EventGraph graph, int[] heads, int floor, @Nullable Shortcuts shortcuts) {
        this.graph = graph;
        this.floor = floor;
        this.shortcuts = shortcuts;
        int highest = 0;
        for (int h : heads) {
            highest = Math.max(highest, h);
        }
        top = block(highest);
        for (int h : heads) {
            add(h, 1, 0);
        }
    }

    /** The block of an index. */
    static int block(int e) {
        return e >>> SHIFT;
    }

    /**
     * Visits the window. Once only.
     *
     * @param visitor what to do
     */
    void run(Visitor visitor) {
        for (int p = 0; p < pages.length && waiting > 0; p++) {
            Page page = pages[p];
            if (unsaturated == 0 && !visitor.needsSaturated()) {
                return;
            }
            if (page != null) {
                if (!(p > 0 && cross(page, top - p, visitor)) && !walk(page, top - p, visitor)) {
                    return;
                }
                pages[p] = null;
                page.count = 0;
                spare = page;
            }
        }
    }

    private boolean walk(Page page, int block, Visitor visitor) {
        for (int word = page.waiting.length - 1; word >= 0; word--) {
            while (page.waiting[word] != 0) {
                if (unsaturated == 0 && !visitor.needsSaturated()) {
                    return false;
                }
                int bit = 63 - Long.numberOfLeadingZeros(page.waiting[word]);
                int at = word << 6 | bit;
                int e = block << SHIFT | at;
                take(page, at);
                if (!visitor.visit(e, page.d[at])) {
                    return false;
                }
                long further = Shortcuts.plus(page.d[at], page.n[at]);
                for (int i = graph.parentCount(e) - 1; i >= 0; i--) {
                    add(graph.parent(e, i), page.n[at], further);
                }
            }
        }
        return true;
    }

    /** Replaces the walk over a block by the known ends of all paths through it; false if there is no such way. */
    private boolean cross(Page page, int block, Visitor visitor) {
        if (shortcuts == null || page.count > FEW || block << SHIFT <= floor || visitor.needs(block)) {
            return false;
        }
        int[] entries = new int[page.count];
        for (int word = 0, i = 0; word < page.waiting.length; word++) {
            for (long bits = page.waiting[word]; bits != 0; bits &= bits - 1) {
                entries[i] = block << SHIFT | word << 6 | Long.numberOfTrailingZeros(bits);
                if (!shortcuts.from(entries[i++]).isShort()) {
                    return false;
                }
            }
        }
        crossed++;
        for (int e : entries) {
            int at = e & (BLOCK - 1);
            take(page, at);
            Shortcuts.Ends ends = shortcuts.from(e);
            for (int i = 0; i < ends.count; i++) {
                long n = times(page.n[at], ends.n[i]);
                add(ends.events[i], n, Shortcuts.plus(times(page.d[at], ends.n[i]), times(page.n[at], ends.d[i])));
            }
        }
        return true;
    }

    private void take(Page page, int at) {
        page.waiting[at >>> 6] &= ~(1L << at);
        visited++;
        waiting--;
        unsaturated -= page.d[at] == MAX ? 0 : 1;
    }

    private void add(int e, long n, long d) {
        if (e == floor) {
            return;
        }
        Page page = page(top - block(e));
        int at = e & (BLOCK - 1);
        long bit = 1L << at;
        if ((page.waiting[at >>> 6] & bit) == 0) {
            page.waiting[at >>> 6] |= bit;
            page.n[at] = n;
            page.d[at] = d;
            page.count++;
            waiting++;
            unsaturated += d == MAX ? 0 : 1;
        } else {
            long before = page.d[at];
            page.n[at] = Shortcuts.plus(page.n[at], n);
            page.d[at] = Shortcuts.plus(before, d);
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

    /** How many events the pass has visited or crossed a block from. */
    long visited() {
        return visited;
    }

    /** How many blocks the pass has crossed. */
    long crossed() {
        return crossed;
    }

    /** The product of two that are not negative, at most {@link Long#MAX_VALUE}. */
    static long times(long a, long b) {
        long product = a * b;
        return Math.multiplyHigh(a, b) != 0 || product < 0 ? MAX : product;
    }
}
