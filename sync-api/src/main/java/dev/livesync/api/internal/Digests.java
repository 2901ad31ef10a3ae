package dev.livesync.api.internal;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of what is in memory. Any thread. */
public final class Digests {
    private Digests() {}

    /**
     * The hash of some bytes.
     *
     * @param parts one after the other; not changed and not kept
     * @return 32 bytes, a new array
     */
    public static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new SyncException(ErrorKind.INTERNAL, "this Java runtime has no SHA-256", e);
        }
    }
}
