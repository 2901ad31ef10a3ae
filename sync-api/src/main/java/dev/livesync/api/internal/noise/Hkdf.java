package dev.livesync.api.internal.noise;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;

/** HKDF of RFC 5869 and the HMAC under it, with SHA-256. Stateless; any thread. */
public final class Hkdf {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int HASH_BYTES = 32;

    private Hkdf() {}

    /**
     * Extracts a key from what has entropy.
     *
     * @param salt any length
     * @param input the keying material
     * @return 32 bytes, a new array
     */
    public static byte[] extract(byte[] salt, byte[] input) {
        return hmac(salt.length == 0 ? new byte[HASH_BYTES] : salt, input);
    }

    /**
     * Expands a key to as many bytes as are needed.
     *
     * @param key what {@link #extract} made
     * @param info what the result is for
     * @param length at most 8,160
     * @return a new array
     */
    public static byte[] expand(byte[] key, byte[] info, int length) {
        if (length > 255 * HASH_BYTES) {
            throw new IllegalArgumentException("HKDF can't make " + length + " bytes");
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] block = {};
        for (int i = 1; all.size() < length; i++) {
            block = hmac(key, block, info, new byte[] {(byte) i});
            all.write(block, 0, block.length);
        }
        return Arrays.copyOf(all.toByteArray(), length);
    }

    /**
     * HMAC-SHA256.
     *
     * @param key any length but 0
     * @param parts the message, in parts
     * @return 32 bytes, a new array
     */
    public static byte[] hmac(byte[] key, byte[]... parts) {
        ErasableKey secret = new ErasableKey(ALGORITHM, key.clone());
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw X25519.missing(e);
        } finally {
            secret.destroy();
        }
    }
}
