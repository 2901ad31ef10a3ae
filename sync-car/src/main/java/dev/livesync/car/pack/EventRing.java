package dev.livesync.car.pack;

import dev.livesync.api.Cid;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The latest events of one direction, by how many events ago they were. */
final class EventRing {
    /** How many are kept. */
    static final int EVENTS = 512;

    /** What a CID takes in memory. */
    private static final int CID = 48;

    private @Nullable Cid[] cids = new Cid[16];
    /** The first quarters of the digests, to search without following references. */
    private long[] firsts = new long[16];

    private int next;
    private int size;

    /** About how many bytes it takes, the CIDs among them. */
    long keptBytes() {
        return (long) cids.length * (Integer.BYTES + Long.BYTES) + (long) size * CID;
    }

    void add(Cid cid) {
        if (next == cids.length) {
            if (next == EVENTS) {
                next = 0;
            } else {
                cids = Arrays.copyOf(cids, 2 * next);
                firsts = Arrays.copyOf(firsts, 2 * next);
            }
        }
        cids[next] = cid;
        firsts[next] = cid.digestLong(0);
        next++;
        size = Math.min(EVENTS, size + 1);
    }

    /** The event so many ago, 1 being the latest; null if there is none. */
    @Nullable
    Cid get(long distance) {
        if (distance < 1 || distance > size) {
            return null;
        }
        int index = next - (int) distance;
        return cids[index < 0 ? index + EVENTS : index];
    }

    /** How many events ago one with this digest was; 0 if it is not here. */
    int distance(byte[] in, int digest) {
        long first = LongBytes.get(in, digest);
        for (int i = next - 1; i >= 0; i--) {
            if (firsts[i] == first && matches(i, in, digest)) {
                return next - i;
            }
        }
        for (int i = size - 1; i >= next; i--) {
            if (firsts[i] == first && matches(i, in, digest)) {
                return next + EVENTS - i;
            }
        }
        return 0;
    }

    private boolean matches(int index, byte[] in, int digest) {
        Cid cid = cids[index];
        return cid != null
                && cid.codec() == Cid.DAG_CBOR
                && cid.digestLong(1) == LongBytes.get(in, digest + 8)
                && cid.digestLong(2) == LongBytes.get(in, digest + 16)
                && cid.digestLong(3) == LongBytes.get(in, digest + 24);
    }
}
