package dev.livesync.core.reconcile;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes another set's symbols and finds what distinguishes it from ours. Whatever the symbols are, it finds at most one id for each of them, and takes the
 * time of that.
 */
final class SketchDecoder {
    /** What a symbol takes in memory, and an id that was found: in two arrays and a set. */
    private static final int SYMBOL = 2 * Long.BYTES + Integer.BYTES;

    private static final int FOUND = 80;

    private final ShortIds shortIds;
    private final Sketch own;
    private long[] sums = new long[64];
    private int[] checks = new int[64];
    private long[] counts = new long[64];
    private int size;
    /** Symbols of which the ids found so far have been taken away. */
    private int reduced;

    private long[] found = new long[64];
    private boolean[] isTheirs = new boolean[64];
    private int count;
    private final Set<Long> seen = new HashSet<>();
    private boolean failed;

    SketchDecoder(ShortIds shortIds, Sketch own) {
        this.shortIds = shortIds;
        this.own = own;
    }

    /** How many symbols have been added. */
    int size() {
        return size;
    }

    /** Adds the next symbol. */
    void add(long sum, int check, long ids) {
        if (size == sums.length) {
            own.claim((long) size * SYMBOL);
            sums = Arrays.copyOf(sums, 2 * size);
            checks = Arrays.copyOf(checks, 2 * size);
            counts = Arrays.copyOf(counts, 2 * size);
        }
        own.require(size + 1);
        sums[size] = sum ^ own.sum(size);
        checks[size] = check ^ own.check(size);
        counts[size] = ids - own.count(size);
        size++;
    }

    /** Whether the symbols contradict each other; more of them can't help. */
    boolean hasFailed() {
        return failed;
    }

    /** Finds what the symbols so far tell. True if that is everything. */
    boolean decode() {
        SketchIndexes indexes = new SketchIndexes();
        for (int i = 0; i < count; i++) {
            take(indexes, found[i], isTheirs[i], reduced, null);
        }
        IntStack todo = new IntStack();
        for (int i = reduced; i < size; i++) {
            todo.push(i);
        }
        reduced = size;
        while (!todo.isEmpty() && !failed) {
            int at = todo.pop();
            if ((counts[at] == 1 || counts[at] == -1) && shortIds.check(sums[at]) == checks[at]) {
                find(sums[at], counts[at] > 0);
                if (!failed) {
                    take(indexes, sums[at], counts[at] > 0, 0, todo);
                }
            }
        }
        for (int i = 0; i < size; i++) {
            if (sums[i] != 0 || checks[i] != 0 || counts[i] != 0) {
                return false;
            }
        }
        return !failed && size > 0;
    }

    private void find(long id, boolean theirs) {
        failed = count == size || !seen.add(id);
        if (failed) {
            return;
        }
        if (count == found.length) {
            own.claim((long) count * FOUND);
            found = Arrays.copyOf(found, 2 * count);
            isTheirs = Arrays.copyOf(isTheirs, 2 * count);
        }
        found[count] = id;
        isTheirs[count++] = theirs;
    }

    private void take(SketchIndexes indexes, long id, boolean theirs, int from, @Nullable IntStack todo) {
        int check = shortIds.check(id);
        indexes.start(id);
        for (long next = 0; next < size; next = indexes.next()) {
            int at = (int) next;
            if (at >= from) {
                sums[at] ^= id;
                checks[at] ^= check;
                counts[at] -= theirs ? 1 : -1;
                if (todo != null) {
                    todo.push(at);
                }
            }
        }
    }

    /** The ids that the other set has and ours lacks, or the reverse. */
    long[] found(boolean theirs) {
        long[] result = new long[count];
        int n = 0;
        for (int i = 0; i < count; i++) {
            if (isTheirs[i] == theirs) {
                result[n++] = found[i];
            }
        }
        return Arrays.copyOf(result, n);
    }

    /**
     * How many ids distinguish the sets, by how the counts vary: a symbol holds each of them with the same probability. Right within about a
     * third after 32 symbols.
     */
    double estimate() {
        double surplus = counts[0];
        double sum = 0;
        for (int i = 1; i < size; i++) {
            double share = 2.0 / (i + 2);
            double off = counts[i] - surplus * share;
            sum += off * off / (share * (1 - share));
        }
        return count + Math.max(Math.abs(surplus), sum / Math.max(1, size - 1));
    }

    private static final class IntStack {
        private int[] items = new int[256];
        private int size;

        boolean isEmpty() {
            return size == 0;
        }

        void push(int item) {
            items = size < items.length ? items : Arrays.copyOf(items, 2 * size);
            items[size++] = item;
        }

        int pop() {
            return items[--size];
        }
    }
}
