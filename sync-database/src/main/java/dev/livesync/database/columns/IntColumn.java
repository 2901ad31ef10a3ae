package dev.livesync.database.columns;

import java.util.Arrays;

/**
 * A growing array of ints that never moves what it holds.
 *
 * <p>What was loaded lies in one array, and only what came later in pages: to a garbage collector one large array is a matter of a
 * moment, thousands of small ones have to be copied.
 *
 * <p>One thread writes. Others may read an element once they have seen, through a volatile, that it was written; the pages
 * are reached through a volatile too, so that a page table which grew meanwhile is as good as the old one.
 */
public final class IntColumn {
    private static final int SHIFT = 10;
    private static final int PAGE = 1 << SHIFT;

    private static final int[] NOTHING = {};

    /** Whole pages of elements, set before anybody else reads. */
    private int[] loaded = NOTHING;

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
        return i < loaded.length ? loaded[i] : pages[i >>> SHIFT][i & (PAGE - 1)];
    }

    /**
     * Sets an element; for the writer.
     *
     * @param i an index, usually that of an earlier element or the next
     * @param value the element
     */
    public void set(int i, int value) {
        if (i < loaded.length) {
            loaded[i] = value;
            return;
        }
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

    /**
     * Writes the first elements.
     *
     * @param out takes them, without their number
     * @param count how many; all of them set
     */
    public void save(ImageWriter out, int count) {
        int first = Math.min(count, loaded.length);
        out.putInts(loaded, first);
        for (int from = first; from < count; from += PAGE) {
            out.putInts(pages[from >>> SHIFT], Math.min(PAGE, count - from));
        }
    }

    /**
     * Fills an empty column.
     *
     * @param in what {@link #save} wrote
     * @param count as it was then
     */
    public void load(ImageReader in, int count) {
        loaded = new int[(count + PAGE - 1) / PAGE * PAGE];
        in.getInts(loaded, count);
    }
}
