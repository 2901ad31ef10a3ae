package dev.livesync.database.store;

import dev.livesync.api.Cid;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Where every stored block lies, by CID. Blocks are numbered in the order of writing; entries are packed into arrays, about
 * 50 bytes each, and never change, so that a reader is given a bound (the number of blocks at some moment) and ignores
 * what came later.
 *
 * <p>One writer at a time; any number of readers, without locks, provided that the bound reached them after the writer's
 * additions (through a volatile field, say).
 *
 * <p>A block that was evicted and came back has two numbers; the greater one below the bound counts.
 */
public final class BlockIndex {
    private static final int CHUNK_BITS = 10;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(int[].class);
    private static final long UNKNOWN = -1;

    private final long salt;
    private volatile Chunk[] chunks = new Chunk[0];
    /** Open addressing; a slot holds a number plus one. At most two thirds are used. */
    private volatile int[] table = new int[64];

    private int size;

    private static final class Chunk {
        private static final VarHandle LOCATIONS = MethodHandles.arrayElementVarHandle(long[].class);

        final long[] digests = new long[4 * CHUNK];
        final long[] locations = new long[CHUNK];
        final int[] lengths = new int[CHUNK];
        final byte[] codecs = new byte[CHUNK];
    }

    /**
     * An empty index.
     *
     * @param salt anything that peers cannot know, so that they cannot choose CIDs that share a slot
     */
    public BlockIndex(long salt) {
        this.salt = salt;
    }

    /**
     * The number of blocks; for the writer only.
     *
     * @return the number that the next block gets
     */
    public int size() {
        return size;
    }

    /**
     * Adds a block that is about to be written; for the writer only.
     *
     * @param cid its CID
     * @param length its size in bytes
     * @return its number
     */
    public int add(Cid cid, int length) {
        int number = size;
        Chunk[] now = chunks;
        int chunk = number >>> CHUNK_BITS;
        if (chunk == now.length) {
            now = Arrays.copyOf(now, chunk + 1);
            now[chunk] = new Chunk();
            chunks = now;
        }
        Chunk c = now[chunk];
        int i = number & CHUNK - 1;
        for (int q = 0; q < 4; q++) {
            c.digests[4 * i + q] = cid.digestLong(q);
        }
        c.lengths[i] = length;
        c.codecs[i] = (byte) cid.codec();
        c.locations[i] = UNKNOWN;
        size++;
        if (size * 3L > table.length * 2L) {
            grow();
        } else {
            insert(table, number);
        }
        return number;
    }

    /**
     * Says where a block was written; once per block.
     *
     * @param number the block's number
     * @param location where its bytes begin
     */
    public void place(int number, long location) {
        Chunk.LOCATIONS.setRelease(chunk(number).locations, number & CHUNK - 1, location);
    }

    /**
     * Finds a block.
     *
     * @param cid its CID
     * @param bound how many blocks count
     * @return its number, below the bound; -1 if it is not there
     */
    public int find(Cid cid, int bound) {
        int[] t = table;
        int mask = t.length - 1;
        int found = -1;
        for (int slot = slot(cid.digestLong(0), cid.digestLong(1)) & mask; ; slot = slot + 1 & mask) {
            int number = (int) SLOTS.getAcquire(t, slot) - 1;
            if (number < 0) {
                return found;
            }
            if (number < bound && number > found && matches(number, cid)) {
                found = number;
            }
        }
    }

    private boolean matches(int number, Cid cid) {
        Chunk c = chunk(number);
        int i = number & CHUNK - 1;
        return c.digests[4 * i] == cid.digestLong(0)
                && c.digests[4 * i + 1] == cid.digestLong(1)
                && c.digests[4 * i + 2] == cid.digestLong(2)
                && c.digests[4 * i + 3] == cid.digestLong(3)
                && c.codecs[i] == cid.codec();
    }

    /**
     * The CID of a block.
     *
     * @param number the block's number
     * @return its CID
     */
    public Cid cid(int number) {
        Chunk c = chunk(number);
        int i = number & CHUNK - 1;
        return Cid.ofDigest(
                c.codecs[i], c.digests[4 * i], c.digests[4 * i + 1], c.digests[4 * i + 2], c.digests[4 * i + 3]);
    }

    /**
     * The size of a block.
     *
     * @param number the block's number
     * @return bytes
     */
    public int length(int number) {
        return chunk(number).lengths[number & CHUNK - 1];
    }

    /** Where a block lies, or -1 if it is not written yet. */
    long location(int number) {
        return (long) Chunk.LOCATIONS.getAcquire(chunk(number).locations, number & CHUNK - 1);
    }

    private Chunk chunk(int number) {
        return chunks[number >>> CHUNK_BITS];
    }

    private void grow() {
        int[] larger = new int[table.length * 2];
        for (int number = 0; number < size; number++) {
            insert(larger, number);
        }
        table = larger;
    }

    private void insert(int[] t, int number) {
        Chunk c = chunk(number);
        int i = number & CHUNK - 1;
        int mask = t.length - 1;
        int slot = slot(c.digests[4 * i], c.digests[4 * i + 1]) & mask;
        while (t[slot] != 0) {
            slot = slot + 1 & mask;
        }
        SLOTS.setRelease(t, slot, number + 1);
    }

    private int slot(long d0, long d1) {
        long h = ((d0 ^ salt) * 0x9e3779b97f4a7c15L ^ d1) * 0xc2b2ae3d27d4eb4fL;
        return (int) (h >>> 32);
    }
}
