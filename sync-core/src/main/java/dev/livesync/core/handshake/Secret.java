package dev.livesync.core.handshake;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.SecretText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.random.RandomGenerator;

/**
 * A shared secret: 22 to 1,024 characters of the URL-safe alphabet, so at least 128 bits where they are random. Where all of them are hexadecimal
 * digits it takes 32, where all are decimal ones 39. Its key is the ASCII of the text, whatever the text may decode to: one text, one key.
 *
 * <p>Immutable; any thread. {@link #toString} does not tell it; only {@link #text} does.
 */
public final class Secret {
    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    /**
     * Generates a random secret.
     *
     * @param random where 256 bits come from
     * @return the secret
     */
    public static Secret generate(RandomGenerator random) {
        return new Secret(Tokens.random(random, 32));
    }

    /**
     * Parses a secret that came in a signal, in an address or from a file.
     *
     * @param what names it in messages, such as {@code the offer's secret}
     * @param kind how to report a bad one
     * @param text its text
     * @return the secret
     * @throws SyncException of that kind if it is too short, too long or of other characters; the message does not tell it
     */
    public static Secret parse(String what, ErrorKind kind, String text) {
        SecretText.requireStrong(what, kind, text);
        return new Secret(text);
    }

    /**
     * The secret's text, as it stands in signals and addresses.
     *
     * @return the text
     */
    public String text() {
        return text;
    }

    /**
     * The key of an HMAC.
     *
     * @return a new array
     */
    public byte[] key() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Compares in constant time. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Secret s && MessageDigest.isEqual(key(), s.key());
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Never the secret. */
    @Override
    public String toString() {
        return "Secret[" + text.length() + " characters]";
    }
}
