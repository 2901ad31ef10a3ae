package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * Writes a CAR of version 1, block by block. Nothing is kept: a repeated block is written again, and whether the roots are among the
 * blocks is the caller's business.
 *
 * <p>One thread at a time. Small writes: give it a buffered stream.
 */
public final class CarWriter {
    private final OutputStream out;
    /** A section's length and CID. */
    private final byte[] head = new byte[10 + Cid.BYTES];

    /**
     * Writes the header.
     *
     * @param out receives the CAR; neither flushed nor closed
     * @param roots the roots in their order, possibly none
     * @throws IOException as the stream throws it
     */
    public CarWriter(OutputStream out, List<Cid> roots) throws IOException {
        this.out = Objects.requireNonNull(out, "out");
        out.write(CarHeader.encode(roots));
    }

    /**
     * Writes a block.
     *
     * @param block any block
     * @throws IOException as the stream throws it; the CAR is broken then
     */
    public void write(Block block) throws IOException {
        int at = UnsignedVarint.write(Cid.BYTES + (long) block.size(), head, 0);
        block.cid().writeTo(head, at);
        out.write(head, 0, at + Cid.BYTES);
        block.writeTo(out);
    }

    /**
     * A whole CAR in memory.
     *
     * @param roots the roots in their order, possibly none
     * @param blocks the blocks in their order
     * @return the CAR, the caller's own
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} if it is too large for an array
     */
    public static byte[] encode(List<Cid> roots, Collection<Block> blocks) {
        long size = encodedSize(roots.size(), blocks);
        if (size > Integer.MAX_VALUE - 8) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED, "a CAR of " + size + " bytes is too large for one array");
        }
        byte[] car = new byte[(int) size];
        byte[] header = CarHeader.encode(roots);
        System.arraycopy(header, 0, car, 0, header.length);
        int at = header.length;
        for (Block block : blocks) {
            at = UnsignedVarint.write(Cid.BYTES + (long) block.size(), car, at);
            block.cid().writeTo(car, at);
            block.copyTo(0, car, at + Cid.BYTES, block.size());
            at += Cid.BYTES + block.size();
        }
        return car;
    }

    /**
     * The size of a CAR without making it.
     *
     * @param roots how many roots
     * @param blocks the blocks
     * @return bytes
     */
    public static long encodedSize(int roots, Collection<Block> blocks) {
        long size = headerSize(roots);
        for (Block block : blocks) {
            size += sectionSize(block.size());
        }
        return size;
    }

    /**
     * The size of a header, its length included.
     *
     * @param roots how many roots
     * @return bytes
     */
    public static long headerSize(int roots) {
        return CarHeader.size(roots);
    }

    /**
     * What one block adds to a CAR: its length, its CID and its content.
     *
     * @param blockSize the size of the block, in bytes
     * @return bytes
     */
    public static long sectionSize(int blockSize) {
        long section = Cid.BYTES + (long) blockSize;
        return UnsignedVarint.size(section) + section;
    }
}
