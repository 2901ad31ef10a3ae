package dev.livesync.core.message;

import dev.livesync.api.Cid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A set of dag-cbor CIDs for millions of them: 32 bytes of digest each and a table of ints, about 40 bytes a CID, and no
 * object per entry. Grows without copying digests. One thread.
 *
 * <p>A peer chooses what is added, so the table's hash is keyed with a salt that no peer knows.
 */
public final class CidSet {
    private static final int CHUNK = 4096;

    private final List<long[]> chunks = new ArrayList<>();
    private final long k0;
    private final long k1;
    private int[] table = new int[16];
    private int size;

    /**
     * Creates an empty set.
     *
     * @param salt random
     */
    public CidSet(long salt) {
        k0 = mix(salt + 0x9e3779b97f4a7c15L) | 1;
        k1 = mix(k0 + 0x9e3779b97f4a7c15L) | 1;
    }

    /**
     * The number of CIDs.
     *
     * @return distinct CIDs
     */
    public int size() {
        return size;
    }

    /**
     * Whether a CID was added.
     *
     * @param cid any CID
     * @return false for other codecs than dag-cbor
     */
    public boolean contains(Cid cid) {
        if (cid.codec() != Cid.DAG_CBOR) {
            return false;
        }
        int slot = slot(cid.digestLong(0), cid.digestLong(1), cid.digestLong(2), cid.digestLong(3));
        return table[slot] != 0;
    }

    /**
     * Adds a CID.
     *
     * @param cid any; other codecs than dag-cbor are left out
     * @return true if it is new
     */
    public boolean add(Cid cid) {
        return cid.codec() == Cid.DAG_CBOR
                && add(cid.digestLong(0), cid.digestLong(1), cid.digestLong(2), cid.digestLong(3));
    }

    boolean add(long d0, long d1, long d2, long d3) {
        int slot = slot(d0, d1, d2, d3);
        if (table[slot] != 0) {
            return false;
        }
        if (size % CHUNK == 0) {
            // The first chunk of a small set grows; most diffs are small.
            chunks.add(new long[size == 0 ? 4 * 64 : 4 * CHUNK]);
        }
        int index = size++;
        long[] chunk = chunk(index);
        int at = 4 * (index % CHUNK);
        chunk[at] = d0;
        chunk[at + 1] = d1;
        chunk[at + 2] = d2;
        chunk[at + 3] = d3;
        table[slot] = size;
        if (size > table.length / 3 * 2) {
            grow();
        }
        return true;
    }

    /** The size of the arrays in bytes. */
    long heapBytes() {
        long bytes = 4L * table.length;
        for (long[] chunk : chunks) {
            bytes += 8L * chunk.length;
        }
        return bytes;
    }

    private long[] chunk(int index) {
        long[] chunk = chunks.get(index / CHUNK);
        int needed = 4 * (index % CHUNK) + 4;
        if (needed > chunk.length) {
            chunk = Arrays.copyOf(chunk, Math.min(2 * chunk.length, 4 * CHUNK));
            chunks.set(index / CHUNK, chunk);
        }
        return chunk;
    }

    /** The slot of a digest, or the free slot where it would go. */
    private int slot(long d0, long d1, long d2, long d3) {
        int mask = table.length - 1;
        int slot = hash(d0, d1, d2, d3) & mask;
        while (table[slot] != 0) {
            int index = table[slot] - 1;
            long[] chunk = chunks.get(index / CHUNK);
            int at = 4 * (index % CHUNK);
            if (chunk[at] == d0 && chunk[at + 1] == d1 && chunk[at + 2] == d2 && chunk[at + 3] == d3) {
                return slot;
            }
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        // Small ones grow fast: most of those that outgrow their first tables become large.
        table = new int[(size < CHUNK ? 8 : 2) * table.length];
        int mask = table.length - 1;
        for (int i = 0; i < size; i++) {
            long[] chunk = chunks.get(i / CHUNK);
            int at = 4 * (i % CHUNK);
            int slot = hash(chunk[at], chunk[at + 1], chunk[at + 2], chunk[at + 3]) & mask;
            while (table[slot] != 0) {
                slot = slot + 1 & mask;
            }
            table[slot] = i + 1;
        }
    }

    private int hash(long d0, long d1, long d2, long d3) {
        long h = (d0 + k1) * k0;
        h = ((h ^ h >>> 32) + d1) * k1;
        h = ((h ^ h >>> 32) + d2) * k0;
        h = ((h ^ h >>> 32) + d3) * k1;
        return (int) mix(h);
    }

    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
