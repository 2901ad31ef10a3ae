package dev.livesync.core.message;

import dev.livesync.api.Cid;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/**
 * What stands for a clock of more heads than a message names: enough to tell whether another one is the same.
 *
 * @param heads how many there are
 * @param hash SHA-256 of their CIDs' bytes in text order, as base64url without padding; empty if nobody knows it, and then equal to no
 *     clock's
 */
public record ClockDigest(long heads, String hash) {
    /**
     * The digest of a clock.
     *
     * @param clock in text order
     * @return never with an empty hash
     */
    public static ClockDigest of(List<Cid> clock) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
        byte[] bytes = new byte[Cid.BYTES];
        for (Cid head : clock) {
            head.writeTo(bytes, 0);
            digest.update(bytes);
        }
        return new ClockDigest(
                clock.size(), Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest()));
    }

    /** As the member of a message. */
    String json() {
        return "\"partial\":{\"heads\":" + heads + ",\"digest\":\"" + hash + "\"}";
    }
}
