package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import dev.livesync.api.internal.Digests;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The ids that stand for events in one attempt. Nobody can look for two events of one id before the salt is known. */
final class ShortIds {
    /** The bytes of an id. */
    static final int BYTES = 8;
    /** The bytes of an id where few are compared with few. */
    static final int NARROW = 6;

    private final long k0;
    private final long k1;
    private final long c0;
    private final long c1;

    /** The ids of an attempt. */
    ShortIds(byte[] salt, int attempt) {
        ByteBuffer keys = ByteBuffer.wrap(Digests.sha256(salt, new byte[] {(byte) attempt}))
                .order(ByteOrder.LITTLE_ENDIAN);
        k0 = keys.getLong();
        k1 = keys.getLong();
        c0 = keys.getLong();
        c1 = keys.getLong();
    }

    long id(Cid event) {
        return SipHash.ofWords(
                k0,
                k1,
                Long.reverseBytes(event.digestLong(0)),
                Long.reverseBytes(event.digestLong(1)),
                Long.reverseBytes(event.digestLong(2)),
                Long.reverseBytes(event.digestLong(3)));
    }

    /** The narrow form of an id. */
    static long narrow(long id) {
        return id & 0xffff_ffff_ffffL;
    }

    /** The checksum of an id in a sketch. */
    int check(long id) {
        return (int) SipHash.ofWords(c0, c1, id);
    }

    /** A number for tables. */
    long tableSalt() {
        return k0 ^ c1;
    }
}
