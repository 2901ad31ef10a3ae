package dev.livesync.api.transport;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * One message of a channel: text (UTF-8) or binary, 0 bytes or more. Boundaries, kind and order survive the wire.
 *
 * <p><strong>Ownership.</strong> A message does not copy. The array belongs to the message: whoever makes one must not touch
 * the array again, and nobody may write into what {@link #payload} returns. So a sender keeps nothing alive that changes,
 * and a receiver may hold on to the bytes as long as it likes.
 *
 * @param kind text or binary
 * @param payload the content, exactly as long as the message
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the array is handed over, not copied, on purpose
public record Message(Kind kind, byte[] payload) {
    /** The two kinds. */
    public enum Kind {
        /** UTF-8 text. A channel need not check that it is valid: the receiver does. */
        TEXT,
        /** Anything. */
        BINARY
    }

    /** Refuses nulls. */
    public Message {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(payload, "payload");
    }

    /**
     * Makes a text message.
     *
     * @param text its content
     * @return the message
     */
    public static Message text(String text) {
        return new Message(Kind.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Makes a binary message.
     *
     * @param bytes its content; the message's own from here on
     * @return the message
     */
    public static Message binary(byte[] bytes) {
        return new Message(Kind.BINARY, bytes);
    }

    /**
     * The length of the content.
     *
     * @return bytes
     */
    public int size() {
        return payload.length;
    }

    /** The kind and the size; never the content. */
    @Override
    public String toString() {
        return kind + " (" + payload.length + " bytes)";
    }
}
