package dev.livesync.database.index;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * For every key's number the bytes under which an index has its document, so that they can be taken out without reading what the document was. Immutable: a tree over the
 * numbers, of which a changed copy shares all but one path.
 */
final class StoredBytes {
    private static final int BITS = 5;
    private static final int WIDTH = 1 << BITS;
    private static final byte[] NONE = {};
    static final StoredBytes EMPTY = new StoredBytes(null, 0);

    /** Null, or the width's nodes, or at the bottom a {@link Leaf}. */
    private final @Nullable Object root;
    /** The bits of a number that the levels below the root take. */
    private final int shift;

    private StoredBytes(@Nullable Object root, int shift) {
        this.root = root;
        this.shift = shift;
    }

    /** The bytes of some keys one after another, and where each ends. */
    private static final class Leaf {
        static final Leaf EMPTY = new Leaf(new char[WIDTH], NONE);

        private final char[] ends;
        private final byte[] data;

        Leaf(char[] ends, byte[] data) {
            this.ends = ends;
            this.data = data;
        }

        int start(int slot) {
            return slot == 0 ? 0 : ends[slot - 1];
        }

        byte[] get(int slot) {
            int from = start(slot);
            return from == ends[slot] ? NONE : Arrays.copyOfRange(data, from, ends[slot]);
        }

        Leaf with(int slot, byte[] bytes) {
            int from = start(slot);
            int to = ends[slot];
            int more = bytes.length - (to - from);
            byte[] changed = new byte[data.length + more];
            System.arraycopy(data, 0, changed, 0, from);
            System.arraycopy(bytes, 0, changed, from, bytes.length);
            System.arraycopy(data, to, changed, from + bytes.length, data.length - to);
            char[] moved = ends.clone();
            for (int i = slot; i < WIDTH; i++) {
                moved[i] = (char) (moved[i] + more);
            }
            return new Leaf(moved, changed);
        }
    }

    /** The bytes of a key; empty if it has none. */
    byte[] get(int key) {
        if (key >>> shift >= WIDTH) {
            return NONE;
        }
        Object node = root;
        for (int s = shift; node instanceof @Nullable Object[] branch; s -= BITS) {
            node = branch[key >>> s & WIDTH - 1];
        }
        return node instanceof Leaf leaf ? leaf.get(key & WIDTH - 1) : NONE;
    }

    /** A copy with other bytes for a key; empty ones for none. */
    StoredBytes with(int key, byte[] bytes) {
        Object top = root;
        int above = shift;
        for (; key >>> above >= WIDTH; above += BITS) {
            if (top != null) {
                @Nullable Object[] branch = new @Nullable Object[WIDTH];
                branch[0] = top;
                top = branch;
            }
        }
        return new StoredBytes(copy(top, above, key, bytes), above);
    }

    private static Object copy(@Nullable Object node, int shift, int key, byte[] bytes) {
        int slot = key >>> shift & WIDTH - 1;
        if (shift == 0) {
            return (node instanceof Leaf leaf ? leaf : Leaf.EMPTY).with(slot, bytes);
        }
        @Nullable Object[] branch = node instanceof @Nullable Object[] old ? old.clone() : new @Nullable Object[WIDTH];
        branch[slot] = copy(branch[slot], shift - BITS, key, bytes);
        return branch;
    }

    /** The bytes of all keys at once; null for none. */
    static StoredBytes of(byte[] @Nullable [] all) {
        int count = (all.length + WIDTH - 1) / WIDTH;
        @Nullable Object[] level = new @Nullable Object[count];
        for (int i = 0; i < count; i++) {
            level[i] = leaf(all, i * WIDTH);
        }
        int shift = 0;
        while (level.length > 1) {
            @Nullable Object[] above = new @Nullable Object[(level.length + WIDTH - 1) / WIDTH];
            for (int i = 0; i < above.length; i++) {
                above[i] = Arrays.copyOf(
                        Arrays.copyOfRange(level, i * WIDTH, Math.min(level.length, (i + 1) * WIDTH)), WIDTH);
            }
            level = above;
            shift += BITS;
        }
        return new StoredBytes(level.length == 0 ? null : level[0], shift);
    }

    private static Leaf leaf(byte[] @Nullable [] all, int from) {
        char[] ends = new char[WIDTH];
        int length = 0;
        for (int i = 0; i < WIDTH; i++) {
            byte[] bytes = from + i < all.length ? all[from + i] : null;
            length += bytes == null ? 0 : bytes.length;
            ends[i] = (char) length;
        }
        byte[] data = new byte[length];
        for (int i = 0; i < WIDTH; i++) {
            byte[] bytes = from + i < all.length ? all[from + i] : null;
            if (bytes != null) {
                System.arraycopy(bytes, 0, data, ends[i] - bytes.length, bytes.length);
            }
        }
        return new Leaf(ends, data);
    }
}
