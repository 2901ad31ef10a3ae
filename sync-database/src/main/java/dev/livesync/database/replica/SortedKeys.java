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

    private int[] merge(int[] a, int[] b) {
        int[] all = new int[a.length + b.length];
        int i = 0;
        int j = 0;
        for (int k = 0; k < all.length; k++) {
            boolean first = j == b.length || i < a.length && keys.name(a[i]).compareTo(keys.name(b[j])) < 0;
            all[k] = first ? a[i++] : b[j++];
        }
        return all;
    }
}
