package dev.livesync.car;

import dev.livesync.api.Block;

/** An array that is used again for one block after the other. One thread at a time. */
final class BlockBuffer {
    /** A larger array is not kept. */
    private static final int KEPT = 1 << 17;

    private byte[] bytes = new byte[1 << 12];

    /** A block's bytes, from the start of an array that may be longer; valid until the next call. */
    byte[] fill(Block block) {
        int size = block.size();
        byte[] target = size > KEPT ? new byte[size] : atLeast(size);
        block.copyTo(0, target, 0, size);
        return target;
    }

    private byte[] atLeast(int size) {
        if (bytes.length < size) {
            bytes = new byte[Math.min(KEPT, Math.max(size, 2 * bytes.length))];
        }
        return bytes;
    }
}
