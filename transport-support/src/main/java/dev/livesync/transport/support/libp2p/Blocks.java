package dev.livesync.transport.support.libp2p;

import java.util.ArrayDeque;
import java.util.Deque;

/** A queue of bytes in blocks, so that many small pieces cost no more than their bytes. One thread. */
public final class Blocks {
    private static final int BLOCK = 16 * 1024;

    private final Deque<byte[]> blocks = new ArrayDeque<>();
    private int start;
    private int end = BLOCK;
    private long size;

    /** Creates an empty queue. */
    public Blocks() {}

    /**
     * The size of the queue.
     *
     * @return bytes
     */
    public long size() {
        return size;
    }

    /**
     * Copies bytes in.
     *
     * @param bytes where they are
     * @param offset of the first
     * @param count how many
     */
    public void add(byte[] bytes, int offset, int count) {
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

    /**
     * The block that holds the first bytes, from {@link #start} on, {@link #count} of them.
     *
     * @return not to be changed; an error if nothing waits
     */
    public byte[] first() {
        return blocks.getFirst();
    }

    /**
     * Where the bytes in the first block begin.
     *
     * @return an index
     */
    public int start() {
        return start;
    }

    /**
     * How many bytes there are in the first block.
     *
     * @return 0 if nothing waits
     */
    public int count() {
        return blocks.isEmpty() ? 0 : (blocks.size() == 1 ? end : BLOCK) - start;
    }

    /**
     * Drops bytes of the first block.
     *
     * @param count at most {@link #count}
     */
    public void drop(int count) {
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

    /** Drops all. */
    public void clear() {
        blocks.clear();
        start = 0;
        end = BLOCK;
        size = 0;
    }
}
