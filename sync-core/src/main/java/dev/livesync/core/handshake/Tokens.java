package dev.livesync.core.handshake;

import dev.livesync.api.internal.SecretText;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** Random bytes as text: base64url without padding. */
public final class Tokens {
    private Tokens() {}

    /**
     * Generates a random token.
     *
     * @param random where the bits come from
     * @param bytes how many bytes
     * @return the text
     */
    public static String random(RandomGenerator random, int bytes) {
        byte[] token = new byte[bytes];
        random.nextBytes(token);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /**
     * Whether a text can be a token of that many bytes.
     *
     * @param text the text
     * @param bytes how many bytes
     * @return true if its length and its characters are right
     */
    public static boolean isToken(String text, int bytes) {
        return text.length() == (bytes * 8 + 5) / 6 && text.chars().allMatch(SecretText::isUrlSafe);
    }
}
