package dev.livesync.database.pieces;

import dev.livesync.api.Cid;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Where pieces lie, in memory: 57 bytes for a slot, of which at most two thirds are taken, and no objects. One thread writes while nobody reads.
 */
final class PieceIndex {
    private static final long REMOVED = -1;
    private static final int FIRST_SLOTS = 64;
    private static final int OFFSET_BITS = 40;

    /** Odd and secret, so that nobody can mine CIDs for the same slot. */
    private final long factor;

    private long[] digests = new long[FIRST_SLOTS * 4];
    private long[] locations = new long[FIRST_SLOTS];
    private int[] lengths = new int[FIRST_SLOTS];
    /** When each was last added or found by somebody who needs it. */
    private int[] uses = new int[FIRST_SLOTS];
    /** 0 where a slot was never taken. */
    private byte[] codecs = new byte[FIRST_SLOTS];

    private int taken;
    private int count;
    private long bytes;

    PieceIndex(long seed) {
        factor = seed | 1;
    }

    /** How many there are. */
    int count() {
        return count;
    }

    /** The content of all of them. */
    long bytes() {
        return bytes;
    }

    /** The slot of a CID, or -1; valid until the next {@link #put}. */
    int find(Cid cid) {
        int slot = slot(cid);
        return codecs[slot] == 0 || locations[slot] == REMOVED ? -1 : slot;
    }

    long location(int slot) {
        return locations[slot];
    }

    int length(int slot) {
        return lengths[slot];
    }

    static long location(int pack, long offset) {
        return (long) pack << OFFSET_BITS | offset;
    }

    static int pack(long location) {
        return (int) (location >>> OFFSET_BITS);
    }

    static long offset(long location) {
        return location & (1L << OFFSET_BITS) - 1;
    }

    int use(int slot) {
        return uses[slot];
    }

    void use(int slot, int moment) {
        uses[slot] = moment;
    }

    void move(int slot, long location) {
        locations[slot] = location;
    }

    /** Adds what isn't there. */
    void put(Cid cid, long location, int length, int moment) {
        int slot = slot(cid);
        if (codecs[slot] == 0) {
            if ((taken + 1) * 3L > codecs.length * 2L) {
                rehash();
                slot = slot(cid);
            }
            taken++;
            for (int i = 0; i < 4; i++) {
                digests[4 * slot + i] = cid.digestLong(i);
            }
            codecs[slot] = (byte) cid.codec();
        }
        locations[slot] = location;
        lengths[slot] = length;
        uses[slot] = moment;
        count++;
        bytes += length;
    }

    void remove(int slot) {
        locations[slot] = REMOVED;
        count--;
        bytes -= lengths[slot];
    }

    /** All slots that hold something. */
    void forEach(IntConsumer action) {
        for (int slot = 0; slot < codecs.length; slot++) {
            if (codecs[slot] != 0 && locations[slot] != REMOVED) {
                action.accept(slot);
            }
        }
    }

    void forEachCid(Consumer<Cid> action) {
        forEach(slot -> action.accept(cid(slot)));
    }

    Cid cid(int slot) {
        int at = 4 * slot;
        return Cid.ofDigest(codecs[slot], digests[at], digests[at + 1], digests[at + 2], digests[at + 3]);
    }

    /** The slot that holds a CID, or the free one where it belongs. */
    private int slot(Cid cid) {
        int mask = codecs.length - 1;
        int slot = (int) (cid.digestLong(0) * factor >>> 32) & mask;
        while (codecs[slot] != 0 && !holds(slot, cid)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private boolean holds(int slot, Cid cid) {
        int at = 4 * slot;
        return digests[at] == cid.digestLong(0)
                && digests[at + 1] == cid.digestLong(1)
                && digests[at + 2] == cid.digestLong(2)
                && digests[at + 3] == cid.digestLong(3)
                && codecs[slot] == cid.codec();
    }

    /** Makes room, and lets go of what was removed. */
    private void rehash() {
        PieceIndex next = new PieceIndex(factor);
        int slots = FIRST_SLOTS;
        while (slots < 2L * (count + 1)) {
            slots *= 2;
        }
        next.digests = new long[slots * 4];
        next.locations = new long[slots];
        next.lengths = new int[slots];
        next.uses = new int[slots];
        next.codecs = new byte[slots];
        forEach(slot -> next.put(cid(slot), locations[slot], lengths[slot], uses[slot]));
        digests = next.digests;
        locations = next.locations;
        lengths = next.lengths;
        uses = next.uses;
        codecs = next.codecs;
        taken = next.taken;
    }
}
