package dev.livesync.car.pack;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 over the digests of a pack's events. */
final class EventDigest {
    private final MessageDigest sha256;
    private final byte[] one = new byte[PackFormat.DIGEST];

    EventDigest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new SyncException(ErrorKind.INTERNAL, "this Java runtime has no SHA-256", e);
        }
    }

    void add(Cid event) {
        for (int i = 0; i < 4; i++) {
            LongBytes.set(one, 8 * i, event.digestLong(i));
        }
        sha256.update(one);
    }

    /** The hash; the next one starts anew. */
    byte[] finish() {
        return sha256.digest();
    }
}
