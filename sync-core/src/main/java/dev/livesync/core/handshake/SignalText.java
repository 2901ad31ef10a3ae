package dev.livesync.core.handshake;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Digests;
import dev.livesync.api.transport.Signal;
import dev.livesync.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An offer or an answer in the form that people carry: base64 of one JSON object.
 *
 * <p>What copying and mailing add is skipped: blanks and line breaks, as the alpha's {@code atob} does, quotes around the text, and the
 * marks of quoted mail. Missing padding is forgiven. {@link #hash} is that of the text as its writer wrote it.
 *
 * <p>Immutable; any thread.
 */
public final class SignalText {
    private final Signal signal;
    private final @Nullable Extension extension;
    private final String text;

    private SignalText(Signal signal, @Nullable Extension extension, String text) {
        this.signal = signal;
        this.extension = extension;
        this.text = text;
    }

    /**
     * Writes a signal.
     *
     * @param signal the transport's part
     * @param extension ours; null makes the signal of an alpha
     * @return the signal and its text
     */
    public static SignalText write(Signal signal, @Nullable Extension extension) {
        Map<String, @Nullable Object> json = SignalJson.write(signal);
        if (extension != null) {
            json.put("livesync", extension.toJson());
        }
        byte[] ascii = Json.write(json).getBytes(StandardCharsets.US_ASCII);
        return new SignalText(signal, extension, Base64.getEncoder().encodeToString(ascii));
    }

    /**
     * Reads what somebody pasted.
     *
     * @param expected offer or answer
     * @param text what was pasted; not trusted
     * @param maxChars how long it may be
     * @return the signal; fields that are no texts, which no transport writes, are left out
     * @throws SyncException {@link ErrorKind#MALFORMED} for anything but a signal of that kind,
     *     {@link ErrorKind#UNSUPPORTED} for one of a later version
     */
    public static SignalText read(Signal.Kind expected, String text, int maxChars) {
        String what = "the " + SignalJson.name(expected);
        if (text.length() > maxChars) {
            throw malformed(what + " has " + text.length() + " characters; at most " + maxChars + " are read");
        }
        byte[] bytes = decode(what, text);
        Map<String, @Nullable Object> json = Json.read(what, new String(bytes, StandardCharsets.ISO_8859_1));
        SignalJson.requireType(what, expected, json);
        Extension extension = json.containsKey("livesync") ? Extension.fromJson(what, json.remove("livesync")) : null;
        return new SignalText(
                SignalJson.signal(expected, json),
                extension,
                Base64.getEncoder().encodeToString(bytes));
    }

    /**
     * The transport's part.
     *
     * @return the signal
     */
    public Signal signal() {
        return signal;
    }

    /**
     * LiveSync's part.
     *
     * @return the extension; null in an alpha's signal
     */
    public @Nullable Extension extension() {
        return extension;
    }

    /**
     * The text to carry to the other end.
     *
     * @return base64, standard alphabet, padded, one line
     */
    public String text() {
        return text;
    }

    /**
     * The hash that handshakes cover.
     *
     * @return the SHA-256 of {@link #text}, a new array
     */
    public byte[] hash() {
        return Digests.sha256(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The kind; never the text, which holds a secret. */
    @Override
    public String toString() {
        return "SignalText[" + SignalJson.name(signal.kind()) + ", " + text.length() + " characters]";
    }

    private static byte[] decode(String what, String text) {
        StringBuilder digits = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean digit =
                    c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/';
            if (digit || c == '=') {
                digits.append(c);
            } else if (c == '\n' || c == '\r') {
                dropPadding(digits);
            } else if (!isOfCarrying(c)) {
                throw malformed(what + " is no base64: character " + i + " does not belong there");
            }
        }
        dropPadding(digits);
        if (digits.length() == 0) {
            throw malformed(what + " is empty");
        }
        try {
            return Base64.getDecoder().decode(digits.toString());
        } catch (IllegalArgumentException e) {
            throw malformed(what + " is no base64: it is cut off, or was put together from pieces");
        }
    }

    /** At the end of a line: it is ours to do without, and some mail programs mark the lines that they break with it. */
    private static void dropPadding(StringBuilder digits) {
        int end = digits.length();
        while (end > 0 && digits.charAt(end - 1) == '=') {
            end--;
        }
        digits.setLength(end);
    }

    /** Whether a character was added on the way, by a mail program, an editor or a chat: blanks, quotes and quotation marks of mails. */
    private static boolean isOfCarrying(char c) {
        return ">|<\"'`*\\".indexOf(c) >= 0
                || Character.isWhitespace(c)
                || Character.isSpaceChar(c)
                || switch (Character.getType(c)) {
                    case Character.FORMAT, Character.INITIAL_QUOTE_PUNCTUATION, Character.FINAL_QUOTE_PUNCTUATION ->
                        true;
                    default -> false;
                };
    }

    private static SyncException malformed(String message) {
        return new SyncException(ErrorKind.MALFORMED, message);
    }
}
