package dev.livesync.database.columns;

import java.util.function.IntBinaryOperator;

/** Sorts ints by a comparator without boxing them: a merge sort from the bottom up. */
public final class IntSort {
    private IntSort() {}

    /**
     * Sorts in place; stable.
     *
     * @param values what to sort
     * @param order negative, zero or positive as a comparator
     */
    public static void sort(int[] values, IntBinaryOperator order) {
        int[] from = values;
        int[] to = new int[values.length];
        for (int width = 1; width < values.length; width *= 2) {
            for (int left = 0; left < values.length; left += 2 * width) {
                merge(from, to, left, Math.min(values.length, left + width), width, order);
            }
            int[] swap = from;
            from = to;
            to = swap;
        }
        if (from != values) {
            System.arraycopy(from, 0, values, 0, values.length);
        }
    }

    private static void merge(int[] from, int[] to, int left, int middle, int width, IntBinaryOperator order) {
        int end = Math.min(from.length, middle + width);
        int a = left;
        int b = middle;
        for (int at = left; at < end; at++) {
            boolean takeA = b == end || a < middle && order.applyAsInt(from[a], from[b]) <= 0;
            to[at] = takeA ? from[a++] : from[b++];
        }
    }
}
