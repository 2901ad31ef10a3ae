package dev.livesync.core.handshake;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The channel's binding as a hello states it, so that both ends can notice that they aren't the two ends of one encrypted connection. It
 * proves nothing: proofs cover the binding itself.
 */
final class SeenBinding {
    private static final String NONE = "none";

    private SeenBinding() {}

    /** The text for a hello: a digest, as bindings may be long; {@code none} for a channel without one. */
    static String of(byte[] binding) {
        if (binding.length == 0) {
            return NONE;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("livesync/1 binding".getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest(binding));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java runtime has SHA-256", e);
        }
    }

    static boolean isOne(String text) {
        return text.equals(NONE) || Tokens.isToken(text, Tokens.BYTES);
    }

    /**
     * Describes how the bindings of two ends differ.
     *
     * @param ours as we wrote it
     * @param theirs as they did; null if they said nothing, which is no difference
     */
    static Optional<String> difference(String ours, @Nullable String theirs) {
        if (theirs == null || theirs.equals(ours)) {
            return Optional.empty();
        }
        if (theirs.equals(NONE)) {
            return Optional.of("is encrypted here and plain at the peer");
        }
        return Optional.of(
                ours.equals(NONE)
                        ? "is plain here and encrypted at the peer"
                        : "is encrypted here and at the peer, but not with the same certificate");
    }
}
