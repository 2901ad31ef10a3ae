package dev.livesync.database.replica;

import dev.livesync.database.columns.IntSort;
import dev.livesync.database.columns.KeyTable;
import java.util.Arrays;

/**
 * The numbers of all keys in the order of the keys, for readers. Sorted when first asked for, and later merged with what came
 * since: keys are never removed, and a reader ignores those without a document.
 *
 * <p>Any thread; two who ask at once do the same work.
 */
final class SortedKeys {
    private final KeyTable keys;
    private volatile int[] sorted = new int[0];

    SortedKeys(KeyTable keys) {
        this.keys = keys;
    }

    /** The keys with numbers below a bound; not to be changed. */
    int[] below(int bound) {
        int[] known = sorted;
        if (known.length > bound) {
            return Arrays.stream(known).filter(key -> key < bound).toArray();
        }
        if (known.length < bound) {
            known = merge(known, sort(known.length, bound));
            sorted = known;
        }
        return known;
    }

    private int[] sort(int from, int to) {
        int[] fresh = new int[to - from];
        Arrays.setAll(fresh, i -> from + i);
        IntSort.sort(fresh, (a, b) -> keys.name(a).compareTo(keys.name(b)));
        return fresh;
    }

    /** Puts the second into the first where they belong: few of many take few comparisons. */
    private int[] merge(int[] a, int[] b) {
        int[] all = new int[a.length + b.length];
        int from = 0;
        for (int j = 0; j < b.length; j++) {
            int to = position(a, from, keys.name(b[j]));
            System.arraycopy(a, from, all, from + j, to - from);
            all[to + j] = b[j];
            from = to;
        }
        System.arraycopy(a, from, all, from + b.length, a.length - from);
        return all;
    }

    /** How many of these keys come before a key. */
    int position(int[] sorted, String key) {
        return position(sorted, 0, key);
    }

    private int position(int[] sorted, int from, String key) {
        // Doubling steps first: where both are long and mixed, the next one is near.
        int low = from;
        int step = 1;
        while (low + step <= sorted.length && keys.name(sorted[low + step - 1]).compareTo(key) < 0) {
            low += step;
            step *= 2;
        }
        int high = Math.min(sorted.length, low + step - 1);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (keys.name(sorted[middle]).compareTo(key) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
