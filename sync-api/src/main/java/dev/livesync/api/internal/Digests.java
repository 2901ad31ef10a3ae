package dev.livesync.api.internal;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256. Any thread. */
public final class Digests {
    private Digests() {}

    /**
     * The hash of some bytes.
     *
     * @param parts one after the other; not changed and not kept
     * @return 32 bytes, a new array
     */
    public static byte[] sha256(byte[]... parts) {
        MessageDigest digest = newSha256();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    /**
     * A hash in the making, for what comes in many parts.
     *
     * @return a new one, of which nothing is known yet
     */
    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new SyncException(ErrorKind.INTERNAL, "this Java runtime has no SHA-256", e);
        }
    }
}
