package dev.livesync.database.replica;

import dev.livesync.database.history.EventGraph;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * For every key's number the event that put its document. Immutable; a changed copy shares all pages but those it
 * changes.
 */
final class Winners {
    private static final int SHIFT = 8;
    private static final int PAGE = 1 << SHIFT;

    /** Event plus one, or 0. */
    private final int[][] pages;

    private Winners(int[][] pages) {
        this.pages = pages;
    }

    /** The index of a put, or {@link EventGraph#NONE}. */
    int get(int key) {
        int page = key >>> SHIFT;
        return page < pages.length && pages[page] != null ? pages[page][key & PAGE - 1] - 1 : EventGraph.NONE;
    }

    /** What a function says of all keys below a bound. */
    static Winners of(int keys, IntUnaryOperator events) {
        int[][] pages = new int[(keys + PAGE - 1) >>> SHIFT][PAGE];
        for (int key = 0; key < keys; key++) {
            pages[key >>> SHIFT][key & PAGE - 1] = events.applyAsInt(key) + 1;
        }
        return new Winners(pages);
    }

    /** A copy in which these keys have what a function says of them. */
    Winners with(int[] keys, IntUnaryOperator events) {
        if (keys.length == 0) {
            return this;
        }
        int length = pages.length;
        for (int key : keys) {
            length = Math.max(length, (key >>> SHIFT) + 1);
        }
        int[][] copy = Arrays.copyOf(pages, length);
        for (int key : keys) {
            int page = key >>> SHIFT;
            int[] old = page < pages.length ? pages[page] : null;
            if (copy[page] == old) {
                copy[page] = old == null ? new int[PAGE] : old.clone();
            }
            copy[page][key & PAGE - 1] = events.applyAsInt(key) + 1;
        }
        return new Winners(copy);
    }
}
