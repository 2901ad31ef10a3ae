package dev.livesync.car.pack;

import java.util.Arrays;

/** The beginning of the key before, to which the next one refers. */
final class KeyMemory {
    final byte[] bytes = new byte[PackFormat.KEY_BYTES];
    int length;

    void set(byte[] in, int from, int size) {
        length = Math.min(size, bytes.length);
        System.arraycopy(in, from, bytes, 0, length);
    }

    /** How many bytes at its beginning a key shares with the one before. */
    int shared(byte[] in, int from, int size) {
        int most = Math.min(size, length);
        int differs = Arrays.mismatch(bytes, 0, most, in, from, from + most);
        return differs < 0 ? most : differs;
    }
}
