package dev.livesync.database.replica;

import dev.livesync.database.history.EventGraph;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * For every key's number the event that put its document. Immutable: a tree over the numbers, of which a changed copy shares all but the paths
 * to what it changes, so that a put costs the same however many keys there are.
 */
final class Winners {
    private static final int BITS = 5;
    private static final int WIDTH = 1 << BITS;
    private static final Winners NONE = new Winners(null, 0);

    /** Null, or the width's nodes, or at the bottom as many events plus one, with 0 for none. */
    private final @Nullable Object root;
    /** The bits of a number that the levels below the root take. */
    private final int shift;

    private Winners(@Nullable Object root, int shift) {
        this.root = root;
        this.shift = shift;
    }

    /** The index of a put, or {@link EventGraph#NONE}. */
    int get(int key) {
        if (key >>> shift >= WIDTH) {
            return EventGraph.NONE;
        }
        Object node = root;
        for (int s = shift; node instanceof @Nullable Object[] branch; s -= BITS) {
            node = branch[key >>> s & WIDTH - 1];
        }
        return node instanceof int[] leaf ? leaf[key & WIDTH - 1] - 1 : EventGraph.NONE;
    }

    /** Creates the winners of all keys below a bound from a function. */
    static Winners of(int keys, IntUnaryOperator events) {
        return NONE.with(IntStream.range(0, keys).toArray(), events);
    }

    /**
     * Copies the winners, with new ones for some keys from a function.
     *
     * @param keys ascending
     */
    Winners with(int[] keys, IntUnaryOperator events) {
        if (keys.length == 0) {
            return this;
        }
        Object top = root;
        int above = shift;
        for (int last = keys[keys.length - 1]; last >>> above >= WIDTH; above += BITS) {
            if (top != null) {
                @Nullable Object[] branch = new @Nullable Object[WIDTH];
                branch[0] = top;
                top = branch;
            }
        }
        return new Winners(copy(top, above, keys, 0, keys.length, events), above);
    }

    /** A copy of a node, which may be absent, with the changes of its part of the keys. */
    private static Object copy(
            @Nullable Object node, int shift, int[] keys, int from, int to, IntUnaryOperator events) {
        if (shift == 0) {
            int[] leaf = node instanceof int[] old ? old.clone() : new int[WIDTH];
            for (int i = from; i < to; i++) {
                leaf[keys[i] & WIDTH - 1] = events.applyAsInt(keys[i]) + 1;
            }
            return leaf;
        }
        @Nullable Object[] branch = node instanceof @Nullable Object[] old ? old.clone() : new @Nullable Object[WIDTH];
        for (int i = from; i < to; ) {
            int end = i + 1;
            while (end < to && keys[end] >>> shift == keys[i] >>> shift) {
                end++;
            }
            int child = keys[i] >>> shift & WIDTH - 1;
            branch[child] = copy(branch[child], shift - BITS, keys, i, end, events);
            i = end;
        }
        return branch;
    }
}
