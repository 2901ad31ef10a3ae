package dev.livesync.core.message;

import dev.livesync.api.Cid;
import dev.livesync.api.internal.Digests;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;

/**
 * A digest of a clock that has more heads than a message names. It is enough to compare two clocks.
 *
 * @param heads how many there are
 * @param hash SHA-256 of their CIDs' bytes in text order, as base64url without padding; empty if unknown, and then it equals no other
 */
public record ClockDigest(long heads, String hash) {
    /**
     * Computes the digest of a clock.
     *
     * @param clock in text order
     * @return never with an empty hash
     */
    public static ClockDigest of(List<Cid> clock) {
        return new ClockDigest(
                clock.size(), Base64.getUrlEncoder().withoutPadding().encodeToString(sha256(clock)));
    }

    /**
     * Computes the hash alone.
     *
     * @param clock in text order
     * @return 32 bytes, a new array
     */
    public static byte[] sha256(List<Cid> clock) {
        MessageDigest digest = Digests.newSha256();
        byte[] bytes = new byte[Cid.BYTES];
        for (Cid head : clock) {
            head.writeTo(bytes, 0);
            digest.update(bytes);
        }
        return digest.digest();
    }

    /** The digest as a member of a JSON message. */
    String json() {
        return "\"partial\":{\"heads\":" + heads + ",\"digest\":\"" + hash + "\"}";
    }
}
