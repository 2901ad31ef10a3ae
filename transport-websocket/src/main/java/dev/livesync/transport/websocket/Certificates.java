package dev.livesync.transport.websocket;

import java.math.BigInteger;
import java.util.Locale;

/** Hashes of certificates. */
final class Certificates {
    private Certificates() {}

    static String hex(byte[] hash) {
        return String.format("%0" + 2 * hash.length + "x", new BigInteger(1, hash));
    }

    /** A hash as people paste it: upper case, with colons. Null if it is none. */
    static @org.jspecify.annotations.Nullable String normalized(String pasted) {
        String hex = pasted.replace(":", "").toLowerCase(Locale.ROOT);
        return hex.matches("[0-9a-f]{64}") ? hex : null;
    }
}
