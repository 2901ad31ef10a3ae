package dev.livesync.transport.jvmlibp2p;

import java.util.ArrayDeque;
import java.util.Deque;

/** Bytes that wait, in blocks, so that many small pieces cost no more than their bytes. One thread. */
final class Blocks {
    private static final int BLOCK = 16 * 1024;

    private final Deque<byte[]> blocks = new ArrayDeque<>();
    private int start;
    private int end = BLOCK;
    private long size;

    long size() {
        return size;
    }

    void add(byte[] bytes, int offset, int count) {
        int at = offset;
        int left = count;
        while (left > 0) {
            if (end == BLOCK) {
                blocks.add(new byte[BLOCK]);
                end = 0;
            }
            int taken = Math.min(BLOCK - end, left);
            System.arraycopy(bytes, at, blocks.getLast(), end, taken);
            end += taken;
            at += taken;
            left -= taken;
        }
        size += count;
    }

    /** The block that holds the first bytes, from {@link #start} on. */
    byte[] first() {
        return blocks.getFirst();
    }

    int start() {
        return start;
    }

    /** How many bytes there are in the first block. */
    int count() {
        return blocks.isEmpty() ? 0 : (blocks.size() == 1 ? end : BLOCK) - start;
    }

    /** Drops bytes of the first block. */
    void drop(int count) {
        start += count;
        size -= count;
        if (start == BLOCK || size == 0) {
            blocks.removeFirst();
            start = 0;
            if (blocks.isEmpty()) {
                end = BLOCK;
            }
        }
    }

    void clear() {
        blocks.clear();
        start = 0;
        end = BLOCK;
        size = 0;
    }
}
