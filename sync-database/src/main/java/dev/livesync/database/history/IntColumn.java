package dev.livesync.database.history;

import java.util.Arrays;

/**
 * A growing array of ints that never moves what it holds.
 *
 * <p>One thread writes. Others may read an element once they have seen, through a volatile, that it was written; the pages
 * are reached through a volatile too, so that a page table which grew meanwhile is as good as the old one.
 */
public final class IntColumn {
    private static final int SHIFT = 10;
    private static final int PAGE = 1 << SHIFT;

    private volatile int[][] pages = new int[8][];

    /** Makes an empty column. */
    public IntColumn() {}

    /**
     * Reads an element.
     *
     * @param i the index of an element that was set
     * @return the element
     */
    public int get(int i) {
        return pages[i >>> SHIFT][i & (PAGE - 1)];
    }

    /**
     * Sets an element; for the writer.
     *
     * @param i an index, usually that of an earlier element or the next
     * @param value the element
     */
    public void set(int i, int value) {
        int page = i >>> SHIFT;
        int[][] all = pages;
        if (page >= all.length) {
            all = Arrays.copyOf(all, Math.max(page + 1, all.length * 2));
            pages = all;
        }
        if (all[page] == null) {
            all[page] = new int[PAGE];
        }
        all[page][i & (PAGE - 1)] = value;
    }
}
