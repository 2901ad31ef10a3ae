package dev.livesync.car.pack;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The latest shapes of one direction. Both ends add the same ones in the same order, and forget the same ones. */
final class ShapeTable {
    /** How many slots there are. */
    static final int SLOTS = 128;
    /** The largest shape that is kept, in bytes. */
    static final int LARGEST = 4 << 10;
    /** How much all of them can take together. */
    static final int BYTES = 16 << 10;

    /** What a shape takes in memory beside its bytes and where its names end. */
    private static final int SHAPE = 64;

    private @Nullable MapShape[] slots = new MapShape[4];
    private int next;
    private int oldest;
    private int size;
    private int bytes;
    private int names;
    /** Where a shape was found last: documents of one kind follow each other. */
    private int recent;

    /** Whether a shape of this size is kept at all. */
    static boolean keeps(int names, int length) {
        return names > 0 && length <= LARGEST;
    }

    /** About how many bytes it takes. */
    long keptBytes() {
        return bytes + (long) size * SHAPE + (long) slots.length * Integer.BYTES + (long) names * Integer.BYTES;
    }

    void add(MapShape shape) {
        int length = shape.bytes.length;
        if (!keeps(shape.names(), length)) {
            return;
        }
        while (size == SLOTS || bytes + length > BYTES) {
            MapShape old = slots[oldest];
            if (old != null) {
                bytes -= old.bytes.length;
                names -= old.names();
            }
            slots[oldest] = null;
            oldest = (oldest + 1) % SLOTS;
            size--;
        }
        if (next == slots.length) {
            slots = Arrays.copyOf(slots, 2 * next);
        }
        slots[next] = shape;
        next = (next + 1) % SLOTS;
        size++;
        bytes += length;
        names += shape.names();
    }

    @Nullable
    MapShape get(int slot) {
        return slot < slots.length ? slots[slot] : null;
    }

    /** The slot of the shape with these names, see {@link MapShape#isOf}; -1 if there is none. */
    int find(int hash, byte[] block, int[] places, int from, int names) {
        if (is(recent, hash, block, places, from, names)) {
            return recent;
        }
        for (int slot = 0; slot < slots.length; slot++) {
            if (is(slot, hash, block, places, from, names)) {
                recent = slot;
                return slot;
            }
        }
        return -1;
    }

    private boolean is(int slot, int hash, byte[] block, int[] places, int from, int names) {
        MapShape shape = slots[slot];
        return shape != null && shape.hash == hash && shape.isOf(block, places, from, names);
    }
}
