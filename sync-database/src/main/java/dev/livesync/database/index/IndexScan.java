package dev.livesync.database.index;

import dev.livesync.database.order.SortableBytes;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The part of an index that a query looks at. Immutable; any thread. */
public final class IndexScan {
    private final Index index;
    /** The ranks, from one inclusive to the next exclusive; ascending. */
    private final int[] bounds;

    private final boolean ordered;

    IndexScan(Index index, int[] bounds, boolean ordered) {
        this.index = index;
        this.bounds = bounds;
        this.ordered = ordered;
    }

    /**
     * The index.
     *
     * @return which
     */
    public Index index() {
        return index;
    }

    /**
     * Whether the index has the query's order.
     *
     * @return false if what is found has to be sorted
     */
    public boolean isOrdered() {
        return ordered;
    }

    /**
     * How many entries there are in it.
     *
     * @return their number
     */
    public int size() {
        int size = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            size += bounds[i + 1] - bounds[i];
        }
        return size;
    }

    /**
     * The keys of the entries, in no order that counts.
     *
     * @return their numbers
     */
    public int[] keys() {
        return IntStream.range(0, size()).map(i -> index.tree().key(rank(i))).toArray();
    }

    /**
     * The keys of entries that the index can't tell apart, in groups that are in order.
     *
     * @param from how many entries came before
     * @param descending whether to count from the end
     * @return the next group; of one key, or of as many as have equal values that were cut; nothing at the end
     */
    public int[] group(int from, boolean descending) {
        int size = size();
        if (from >= size) {
            return new int[0];
        }
        EntryTree tree = index.tree();
        int first = rank(descending ? size - 1 - from : from);
        if (!SortableBytes.isCut(tree.length(first))) {
            return new int[] {tree.key(first)};
        }
        byte[] bytes = tree.bytes(first);
        IntFunction<String> none = key -> "";
        // Entries with equal bytes are never divided by the bounds.
        int begin = tree.rank(bytes, "", none);
        int end = tree.rank(Arrays.copyOf(bytes, bytes.length + 1), "", none);
        return IntStream.range(begin, end).map(tree::key).toArray();
    }

    private int rank(int position) {
        int left = position;
        int i = 0;
        while (left >= bounds[i + 1] - bounds[i]) {
            left -= bounds[i + 1] - bounds[i];
            i += 2;
        }
        return bounds[i] + left;
    }
}
