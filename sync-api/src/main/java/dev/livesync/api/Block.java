package dev.livesync.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Bytes and the CID they hash to. An instance is proof: there is no way to make a block whose bytes do not match its CID,
 * so whatever receives one need not check again.
 *
 * <p>Immutable; any thread. Equality is by CID.
 */
public final class Block {
    private final Cid cid;
    private final byte[] bytes;

    private Block(Cid cid, byte[] bytes) {
        this.cid = cid;
        this.bytes = bytes;
    }

    /**
     * Checks bytes that came from a peer or from a disk.
     *
     * @param cid the CID they were announced under
     * @param bytes the content; <strong>owned by the block from here on</strong>, the caller must not touch it again
     * @return the block
     * @throws SyncException {@link ErrorKind#HASH_MISMATCH} naming the CID, if they do not match
     */
    public static Block verified(Cid cid, byte[] bytes) {
        Cid actual = Cid.hash(cid.codec(), bytes);
        if (!actual.equals(cid)) {
            throw new SyncException(
                    ErrorKind.HASH_MISMATCH,
                    "block " + cid + " does not match its bytes (" + bytes.length + " bytes that hash to " + actual
                            + ")");
        }
        return new Block(cid, bytes);
    }

    /**
     * Makes a block from bytes of our own.
     *
     * @param codec the multicodec, such as {@link Cid#DAG_CBOR}
     * @param bytes the content; <strong>owned by the block from here on</strong>, the caller must not touch it again
     * @return the block with the CID of these bytes
     */
    public static Block of(int codec, byte[] bytes) {
        return new Block(Cid.hash(codec, bytes), Objects.requireNonNull(bytes, "bytes"));
    }

    /**
     * What the bytes hash to.
     *
     * @return the CID
     */
    public Cid cid() {
        return cid;
    }

    /**
     * The length of the content.
     *
     * @return bytes, 0 or more
     */
    public int size() {
        return bytes.length;
    }

    /**
     * The content without a copy.
     *
     * @return a new read-only view, position 0, limit {@link #size()}
     */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    /**
     * The content as a copy.
     *
     * @return a new array, the caller's own
     */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    /**
     * Copies a part of the content.
     *
     * @param from offset in the block
     * @param target receives the bytes
     * @param offset offset in the target
     * @param length how many
     * @throws IndexOutOfBoundsException if either range does not fit; nothing is copied then
     */
    public void copyTo(int from, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(from, length, bytes.length);
        Objects.checkFromIndexSize(offset, length, target.length);
        System.arraycopy(bytes, from, target, offset, length);
    }

    /**
     * Writes the content.
     *
     * @param out receives all bytes; neither flushed nor closed
     * @throws IOException as the stream throws it
     */
    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Block b && cid.equals(b.cid);
    }

    @Override
    public int hashCode() {
        return cid.hashCode();
    }

    /** The CID and the size; never the content. */
    @Override
    public String toString() {
        return cid + " (" + bytes.length + " bytes)";
    }
}
