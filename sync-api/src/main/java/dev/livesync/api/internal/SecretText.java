package dev.livesync.api.internal;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/**
 * What a secret looks like: 22 to 1,024 characters of the URL-safe alphabet, of hexadecimal digits alone 32, of decimal ones 39. So it has room
 * for 128 bits, whether it is an address's, an offer's or a grant's.
 */
public final class SecretText {
    private static final int MIN_CHARS = 22;
    private static final int MIN_HEXADECIMAL = 32;
    private static final int MIN_DECIMAL = 39;
    private static final int MAX_CHARS = 1024;

    private SecretText() {}

    /**
     * Refuses a text that is no secret.
     *
     * @param what names it in messages, such as {@code the offer's secret}
     * @param kind how to report a bad one
     * @param text its text
     * @throws SyncException of that kind if it is too short, too long or of other characters; the message does not tell it
     */
    public static void requireStrong(String what, ErrorKind kind, String text) {
        if (text.length() < MIN_CHARS || text.length() > MAX_CHARS) {
            throw new SyncException(
                    kind,
                    what + " has " + text.length() + " characters; it needs " + MIN_CHARS + " to " + MAX_CHARS
                            + " (at least 128 random bits)");
        }
        for (int i = 0; i < text.length(); i++) {
            if (!isUrlSafe(text.charAt(i))) {
                throw new SyncException(
                        kind, what + " has a character other than A-Z, a-z, 0-9, - and _ at position " + i);
            }
        }
        int least = text.matches("[0-9]+") ? MIN_DECIMAL : text.matches("[0-9a-fA-F]+") ? MIN_HEXADECIMAL : MIN_CHARS;
        if (text.length() < least) {
            throw new SyncException(
                    kind,
                    what + " has " + text.length() + " characters, and is made of digits; of such it needs " + least
                            + " (at least 128 random bits)");
        }
    }

    /**
     * Whether a character is of base64's URL-safe alphabet.
     *
     * @param c the character
     * @return true if so
     */
    public static boolean isUrlSafe(int c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }
}
