package dev.livesync.car.pack;

import java.util.Arrays;

/** The head and the names of a map, as they stand in a block if its values are left out. */
final class MapShape {
    final byte[] bytes;
    /** Where the head ends, then where each name does. */
    final int[] ends;
    /** Of the names, whatever the writer computes. */
    final int hash;

    MapShape(byte[] bytes, int[] ends, int hash) {
        this.bytes = bytes;
        this.ends = ends;
        this.hash = hash;
    }

    int names() {
        return ends.length - 1;
    }

    /** Whether a map has these names: from and to, alternating, from an index of {@code places} on. */
    boolean isOf(byte[] block, int[] places, int from, int names) {
        if (names != names()) {
            return false;
        }
        for (int i = 0, p = from; i < names; i++, p += 2) {
            if (!Arrays.equals(bytes, ends[i], ends[i + 1], block, places[p], places[p + 1])) {
                return false;
            }
        }
        return true;
    }
}
