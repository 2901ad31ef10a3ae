package dev.livesync.core.message;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.grant.Rights;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes control messages. */
public final class ControlText {
    /** The alpha's message for having nothing to send. */
    private static final byte[] OK = "{\"ok\":true}".getBytes(StandardCharsets.US_ASCII);

    /** An ack names heads as long as it stays smaller than this; with more it has their digest. */
    private static final int ACK_BYTES = 16 << 10;

    private static final String SHOWN = "{\"presence\":\"";
    private static final String SHOWN_END = "\"}";

    private static final int ERROR_CHARS = 500;

    private ControlText() {}

    /**
     * {@code {"ok":true}}.
     *
     * @return the text's bytes, a new array
     */
    public static byte[] ok() {
        return OK.clone();
    }

    /**
     * Announces a message in pieces.
     *
     * @param kind of the whole
     * @param bytes of the whole
     * @return the message
     */
    public static Message begin(Message.Kind kind, long bytes) {
        return Message.text("{\"begin\":{\"kind\":\"" + (kind == Message.Kind.TEXT ? "text" : "binary")
                + "\",\"bytes\":" + bytes + "}}");
    }

    /**
     * Grants credit.
     *
     * @param bytes since the start
     * @return the message
     */
    public static Message credit(long bytes) {
        return Message.text("{\"credit\":" + bytes + "}");
    }

    /**
     * Acknowledges CARs.
     *
     * @param ack what it says
     * @return the message
     */
    public static Message ack(WireMessage.Ack ack) {
        StringBuilder text = new StringBuilder("{\"ack\":").append(ack.cars());
        List<Cid> heads = ack.heads();
        if (heads != null) {
            text.append(",\"heads\":[");
            for (int i = 0; i < heads.size(); i++) {
                text.append(i == 0 ? "\"" : ",\"").append(heads.get(i)).append('"');
            }
            text.append(']');
        } else if (ack.whole() != null) {
            text.append(',').append(ack.whole().json());
        }
        return Message.text(text.append('}').toString());
    }

    /**
     * States what the peer may do.
     *
     * @param rights its rights
     * @return the message
     */
    public static Message rights(Rights rights) {
        return Message.text("{\"rights\":{\"read\":" + rights.canRead() + ",\"write\":" + rights.canWrite() + "}}");
    }

    /**
     * Refuses CARs.
     *
     * @param refused which; its message is treated as in {@link #error}
     * @return the message
     */
    public static Message refused(WireMessage.Refused refused) {
        return Message.text("{\"refused\":{\"car\":" + refused.car() + ",\"cars\":" + refused.cars()
                + (refused.event() == null ? "" : ",\"event\":\"" + refused.event() + "\"") + ",\"message\":\""
                + quoted(refused.message()) + "\"}}");
    }

    /**
     * Whether an ack lists the heads one by one.
     *
     * @param heads how many
     * @param maxBytes what the channel carries
     * @return false if it has their digest
     */
    public static boolean namesHeads(int heads, int maxBytes) {
        return 40 + (Cid.CHARS + 3L) * heads <= Math.min(ACK_BYTES, maxBytes);
    }

    /**
     * Writes a ping.
     *
     * @param number to be repeated
     * @return the message
     */
    public static Message ping(long number) {
        return Message.text("{\"ping\":" + number + "}");
    }

    /**
     * Writes the answer to a ping.
     *
     * @param number of the ping
     * @return the message
     */
    public static Message pong(long number) {
        return Message.text("{\"pong\":" + number + "}");
    }

    /**
     * Writes the goodbye.
     *
     * @return the message
     */
    public static Message bye() {
        return Message.text("{\"bye\":true}");
    }

    /**
     * Shows what there is for the moment.
     *
     * @param bytes a message of presence
     * @return the message
     */
    public static Message presence(byte[] bytes) {
        return Message.text(SHOWN + Base64.getEncoder().encodeToString(bytes) + SHOWN_END);
    }

    /**
     * Reads what {@link #presence} writes. It comes many times a second, so it has one form, and no JSON is read for it.
     *
     * @param text any message
     * @return null for another message
     * @throws SyncException {@link ErrorKind#MALFORMED} if what it holds is no base64
     */
    public static byte @Nullable [] presenceIn(byte[] text) {
        int start = SHOWN.length();
        int end = text.length - SHOWN_END.length();
        if (end < start
                || !ByteBuffer.wrap(text, 0, start)
                        .equals(ByteBuffer.wrap(SHOWN.getBytes(StandardCharsets.US_ASCII)))) {
            return null;
        }
        if (text[end] != '"' || text[end + 1] != '}') {
            throw new SyncException(ErrorKind.MALFORMED, "a message of presence breaks off");
        }
        try {
            return Base64.getDecoder().decode(Arrays.copyOfRange(text, start, end));
        } catch (IllegalArgumentException e) {
            throw new SyncException(ErrorKind.MALFORMED, "a message of presence is no base64", e);
        }
    }

    /**
     * Writes an error message.
     *
     * @param kind what it is
     * @param message for a person at the other end; anything but printable ASCII is replaced, and it is cut to 500
     *     characters
     * @return the message
     */
    public static Message error(ErrorKind kind, String message) {
        return error(kind.name(), message);
    }

    /** The same for the name of a kind. */
    static Message error(String kind, String message) {
        return Message.text("{\"error\":{\"kind\":\"" + kind + "\",\"message\":\"" + quoted(message) + "\"}}");
    }

    private static String quoted(String message) {
        StringBuilder text = new StringBuilder();
        for (char c : printable(message, ERROR_CHARS).toCharArray()) {
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append(c < 0x7f ? c : '?');
        }
        return text.toString();
    }

    /**
     * Makes a peer's text safe to show.
     *
     * @param text anything
     * @param maxChars where it is cut
     * @return one line without control characters, unpaired surrogates and what turns the direction of writing
     */
    public static String printable(String text, int maxChars) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length() && shown.length() < maxChars; i++) {
            int c = text.codePointAt(i);
            if (Character.isSupplementaryCodePoint(c)) {
                i++;
            }
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.UNASSIGNED,
                        Character.PRIVATE_USE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> shown.append('?');
                default -> shown.appendCodePoint(c);
            }
        }
        return shown.toString();
    }
}
