package dev.livesync.core.message;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarWriter;
import java.util.List;

/** A CAR v1 of blocks in memory, written in pieces of any size. */
public final class CarBytes implements Section {
    private final List<Block> blocks;
    private final int events;
    private final List<Event> tips;
    private final long size;

    /** What stands before the next block: the header at first. */
    private byte[] prefix;

    private int prefixAt;
    /** The block whose bytes are next; -1 while the header is. */
    private int block = -1;

    private int blockAt;

    /**
     * Creates a CAR.
     *
     * @param roots what its header names
     * @param blocks its blocks
     * @param events how many of the blocks are events
     * @param tips the events that a peer's clock may consist of after it has stored this CAR; empty where they aren't needed
     */
    public CarBytes(List<Cid> roots, List<Block> blocks, int events, List<Event> tips) {
        this.blocks = List.copyOf(blocks);
        this.events = events;
        this.tips = List.copyOf(tips);
        size = CarWriter.encodedSize(roots.size(), blocks);
        prefix = CarWriter.encode(roots, List.of());
    }

    /**
     * The length of a block in a CAR.
     *
     * @param block any
     * @return bytes, CID and the length before it included
     */
    public static long framedSize(Block block) {
        return CarWriter.sectionSize(block.size());
    }

    @Override
    public List<Event> tips() {
        return tips;
    }

    /**
     * Its blocks.
     *
     * @return as given
     */
    public List<Block> blocks() {
        return blocks;
    }

    @Override
    public int eventCount() {
        return events;
    }

    @Override
    public int blockCount() {
        return blocks.size();
    }

    @Override
    public Message.Kind kind() {
        return Message.Kind.BINARY;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void next(byte[] target, int offset, int length) {
        int from = offset;
        int to = offset + length;
        while (from < to) {
            if (prefixAt < prefix.length) {
                int n = Math.min(prefix.length - prefixAt, to - from);
                System.arraycopy(prefix, prefixAt, target, from, n);
                prefixAt += n;
                from += n;
            } else if (block >= 0 && blockAt < blocks.get(block).size()) {
                int n = Math.min(blocks.get(block).size() - blockAt, to - from);
                blocks.get(block).copyTo(blockAt, target, from, n);
                blockAt += n;
                from += n;
            } else {
                block++;
                blockAt = 0;
                prefixAt = 0;
                prefix = prefix(blocks.get(block));
            }
        }
    }

    /** A section's length and CID. */
    private static byte[] prefix(Block block) {
        byte[] prefix = new byte[(int) framedSize(block) - block.size()];
        int at = 0;
        int rest = Cid.BYTES + block.size();
        while (rest > 0x7f) {
            prefix[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        prefix[at] = (byte) rest;
        block.cid().writeTo(prefix, at + 1);
        return prefix;
    }
}
