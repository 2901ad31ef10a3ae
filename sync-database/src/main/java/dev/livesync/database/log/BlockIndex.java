package dev.livesync.database.log;

import dev.livesync.api.Cid;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongBinaryOperator;
import java.util.function.ObjIntConsumer;

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
    private static final int LOADED_BITS = 18;
    private static final int LOADED = 1 << LOADED_BITS;
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(int[].class);
    private static final long UNKNOWN = -1;
    /** The mask of the codec in its byte; the other bit marks tree nodes. */
    private static final int CODEC = 0x7f;

    private static final int NODE = 0x80;

    private long salt;
    /** What was loaded, in large chunks, which cost a garbage collector nothing. Set before anybody else reads. */
    private Chunk[] loaded = new Chunk[0];
    /** How many blocks fit into the loaded chunks. */
    private int firstChunked;

    private volatile Chunk[] chunks = new Chunk[0];
    /** Open addressing; a slot holds a number plus one. At most two thirds are used. */
    private volatile int[] table = new int[64];

    private int size;

    private static final class Chunk {
        private static final VarHandle LOCATIONS = MethodHandles.arrayElementVarHandle(long[].class);

        final int first;
        final long[] digests;
        final long[] locations;
        final int[] lengths;
        final byte[] codecs;

        Chunk(int first, int size) {
            this.first = first;
            digests = new long[4 * size];
            locations = new long[size];
            lengths = new int[size];
            codecs = new byte[size];
        }
    }

    /**
     * Creates an empty index.
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
     * @param node whether it may be a tree node
     * @return its number
     */
    public int add(Cid cid, int length, boolean node) {
        return add(
                cid.digestLong(0),
                cid.digestLong(1),
                cid.digestLong(2),
                cid.digestLong(3),
                (byte) (cid.codec() | (node ? NODE : 0)),
                length);
    }

    private int add(long d0, long d1, long d2, long d3, byte codec, int length) {
        int number = size;
        int chunk = number - firstChunked >> CHUNK_BITS;
        if (chunk == chunks.length) {
            Chunk[] more = Arrays.copyOf(chunks, chunk + 1);
            more[chunk] = new Chunk(number, CHUNK);
            chunks = more;
        }
        Chunk c = chunk(number);
        int i = number - c.first;
        c.digests[4 * i] = d0;
        c.digests[4 * i + 1] = d1;
        c.digests[4 * i + 2] = d2;
        c.digests[4 * i + 3] = d3;
        c.lengths[i] = length;
        c.codecs[i] = codec;
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
     * Sets where a block was written; once per block.
     *
     * @param number the block's number
     * @param location where its bytes begin
     */
    public void place(int number, long location) {
        Chunk c = chunk(number);
        Chunk.LOCATIONS.setRelease(c.locations, number - c.first, location);
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
        int i = number - c.first;
        return c.digests[4 * i] == cid.digestLong(0)
                && c.digests[4 * i + 1] == cid.digestLong(1)
                && c.digests[4 * i + 2] == cid.digestLong(2)
                && c.digests[4 * i + 3] == cid.digestLong(3)
                && (c.codecs[i] & CODEC) == cid.codec();
    }

    /**
     * The CID of a block.
     *
     * @param number the block's number
     * @return its CID
     */
    public Cid cid(int number) {
        Chunk c = chunk(number);
        int i = number - c.first;
        return Cid.ofDigest(
                c.codecs[i] & CODEC,
                c.digests[4 * i],
                c.digests[4 * i + 1],
                c.digests[4 * i + 2],
                c.digests[4 * i + 3]);
    }

    /**
     * Whether a block may be a tree node.
     *
     * @param number the block's number
     * @return what was said when it was added
     */
    public boolean isNode(int number) {
        Chunk c = chunk(number);
        return (c.codecs[number - c.first] & NODE) != 0;
    }

    /**
     * The size of a block.
     *
     * @param number the block's number
     * @return bytes
     */
    public int length(int number) {
        Chunk c = chunk(number);
        return c.lengths[number - c.first];
    }

    /** Where a block lies, or -1 if it is not written yet. */
    long location(int number) {
        Chunk c = chunk(number);
        return (long) Chunk.LOCATIONS.getAcquire(c.locations, number - c.first);
    }

    private Chunk chunk(int number) {
        return number < firstChunked ? loaded[number >>> LOADED_BITS] : chunks[number - firstChunked >>> CHUNK_BITS];
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
        int i = number - c.first;
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

    /** Creates an empty index with the same salt. */
    BlockIndex empty() {
        return new BlockIndex(salt);
    }

    /**
     * Begins an empty index with the first blocks of another, all written, under the same numbers; for the writer of this one. Both share
     * what they say of these, the locations too.
     *
     * @param from the other, which has the same salt
     * @param count how many at most
     * @return how many it has now
     */
    int share(BlockIndex from, int count) {
        int shared = count < from.firstChunked ? 0 : count - (count - from.firstChunked) % CHUNK;
        if (shared == 0) {
            return 0;
        }
        loaded = from.loaded;
        firstChunked = from.firstChunked;
        chunks = Arrays.copyOf(from.chunks, (shared - firstChunked) / CHUNK);
        size = shared;
        int[] t = new int[Math.max(table.length, Integer.highestOneBit(2 * shared) * 2)];
        for (int number = 0; number < shared; number++) {
            insert(t, number);
        }
        table = t;
        return shared;
    }

    /** Adds a written block of another index; for the writer of this one. */
    void copy(BlockIndex from, int number) {
        Chunk c = from.chunk(number);
        int i = number - c.first;
        long[] d = c.digests;
        int copy = add(d[4 * i], d[4 * i + 1], d[4 * i + 2], d[4 * i + 3], c.codecs[i], c.lengths[i]);
        place(copy, from.location(number));
    }

    /**
     * Writes the index. For the writer; all blocks are written.
     *
     * @param out takes it
     */
    public void save(ImageWriter out) {
        snapshot().accept(out);
    }

    /**
     * Takes a snapshot of the current content, which any thread can write without a lock while more is added. For the writer; all blocks
     * are written, and none of them moves meanwhile.
     *
     * @return writes it, as {@link #save} does
     */
    public Consumer<ImageWriter> snapshot() {
        int count = size;
        int[] slots = table;
        return out -> {
            out.putLong(salt);
            out.putInt(count);
            out.putInt(slots.length);
            out.putTable(slots, count);
            forEach(count, (c, n) -> out.putLongs(c.digests, 4 * n));
            forEach(count, (c, n) -> out.putLongs(c.locations, n));
            forEach(count, (c, n) -> out.putInts(c.lengths, n));
            forEach(count, (c, n) -> out.putBytes(c.codecs, n));
        };
    }

    /** The chunks of the first blocks and how much of each is used. */
    private void forEach(int count, ObjIntConsumer<Chunk> action) {
        int n;
        for (int from = 0; from < count; from += n) {
            Chunk c = chunk(from);
            n = Math.min(c.lengths.length, count - from);
            action.accept(c, n);
        }
    }

    /**
     * Fills an empty index.
     *
     * @param in what {@link #save} wrote
     * @param place turns a location into one of today; the second argument is the block's length
     */
    void load(ImageReader in, LongBinaryOperator place) {
        salt = in.getLong();
        int count = in.getCount(45);
        int[] slots = in.getTable(count);
        int room = (count + CHUNK - 1) / CHUNK * CHUNK;
        loaded = new Chunk[(room + LOADED - 1) / LOADED];
        for (int from = 0; from < room; from += LOADED) {
            loaded[from >>> LOADED_BITS] = new Chunk(from, Math.min(LOADED, room - from));
        }
        firstChunked = room;
        size = count;
        forEach(count, (c, n) -> in.getLongs(c.digests, 4 * n));
        forEach(count, (c, n) -> in.getLongs(c.locations, n));
        forEach(count, (c, n) -> in.getInts(c.lengths, n));
        forEach(count, (c, n) -> in.getBytes(c.codecs, n));
        forEach(count, (c, n) -> {
            for (int i = 0; i < n; i++) {
                ImageReader.require(c.lengths[i] >= 0, "bytes of a block", c.lengths[i]);
                c.locations[i] = place.applyAsLong(c.locations[i], c.lengths[i]);
            }
        });
        table = slots;
    }
}
