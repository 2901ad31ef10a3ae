package dev.livesync.car;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Decides where a tree is cut into nodes, by the entry alone: after every entry whose identity is at most {@link #THRESHOLD}, about
 * one in thirty. The identity is the last four bytes, read little-endian and unsigned, of the SHA-256 of the dag-cbor of {@code
 * [key, value]} in a leaf and {@code [key, CID]} in a branch. This is {@code bf(30)} of prolly-trees 1.0.4.
 *
 * <p>Keeps a digest and a buffer: one thread at a time, made once and used for many entries.
 */
public final class Chunker {
    /** An entry cuts if its identity is not greater: {@code floor((2^32 - 1) / 30)}. */
    public static final long THRESHOLD = 0xffff_ffffL / 30;

    private final MessageDigest digest;
    private final byte[] hash = new byte[32];
    private final CborWriter entry = new CborWriter(Limits.CHECKED);

    /** Makes a chunker. */
    public Chunker() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new SyncException(ErrorKind.INTERNAL, "this Java runtime has no SHA-256", e);
        }
    }

    /**
     * Whether a leaf ends after this entry.
     *
     * @param e a document
     * @return true if it cuts
     */
    public boolean cuts(LeafEntry e) {
        return identity(e) <= THRESHOLD;
    }

    /**
     * Whether a branch ends after this entry.
     *
     * @param e a child
     * @return true if it cuts
     */
    public boolean cuts(BranchEntry e) {
        return identity(e) <= THRESHOLD;
    }

    /**
     * The number that {@link #cuts(LeafEntry)} compares.
     *
     * @param e a document
     * @return 0 to 2^32 - 1
     */
    public long identity(LeafEntry e) {
        entry.reset();
        e.writeTo(entry);
        return lastFourBytes();
    }

    /**
     * The number that {@link #cuts(BranchEntry)} compares.
     *
     * @param e a child
     * @return 0 to 2^32 - 1
     */
    public long identity(BranchEntry e) {
        entry.reset();
        e.writeTo(entry);
        return lastFourBytes();
    }

    /** Whether a leaf ends after an entry that was written already. */
    boolean cuts(CborWriter written) {
        return lastFourBytes(written) <= THRESHOLD;
    }

    private long lastFourBytes() {
        return lastFourBytes(entry);
    }

    private long lastFourBytes(CborWriter written) {
        digest.update(written.array(), 0, written.size());
        try {
            digest.digest(hash, 0, hash.length);
        } catch (DigestException e) {
            throw new SyncException(ErrorKind.INTERNAL, "SHA-256 does not fit into 32 bytes", e);
        }
        return (hash[28] & 0xff) | (hash[29] & 0xff) << 8 | (hash[30] & 0xff) << 16 | (hash[31] & 0xffL) << 24;
    }
}
