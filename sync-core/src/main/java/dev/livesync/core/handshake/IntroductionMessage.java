package dev.livesync.core.handshake;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What two proved peers say to each other to find a direct channel; {@code docs/protocol.md}, section 6. Each is a binary message: a byte for its
 * type, then its fields.
 */
public sealed interface IntroductionMessage {
    /** The longest message that is read, in bytes. Ours have a few thousand; a browser's with many network interfaces some ten thousand. */
    int MAX_BYTES = 65_536;

    /**
     * The initiator's signal.
     *
     * @param transport the id of the transport that it is for
     * @param signal the offer
     */
    record Offer(String transport, Signal signal) implements IntroductionMessage {}

    /**
     * The responder's signal.
     *
     * @param signal the answer
     */
    record Answer(Signal signal) implements IntroductionMessage {}

    /** The verdict of an end whose direct channel is open. */
    record Direct() implements IntroductionMessage {}

    /**
     * The verdict of an end that wants to stay on the first channel.
     *
     * @param reason for people; at most 512 bytes in UTF-8
     */
    record Stay(String reason) implements IntroductionMessage {}

    /**
     * The message for the wire.
     *
     * @return binary
     */
    default Message write() {
        if (this instanceof Offer offer) {
            return Fields.message(Fields.OFFER, Fields.named(offer.transport()), Fields.json(offer.signal()));
        }
        if (this instanceof Answer answer) {
            return Fields.message(Fields.ANSWER, Fields.json(answer.signal()));
        }
        if (this instanceof Stay stay) {
            return Fields.message(Fields.STAY, Fields.reason(stay.reason()));
        }
        return Fields.message(Fields.DIRECT);
    }

    /**
     * Reads a message.
     *
     * @param remote names the peer in messages
     * @param message from the peer; read and not kept
     * @return what it says
     * @throws SyncException {@link ErrorKind#MALFORMED} if it is none, {@link ErrorKind#LIMIT_EXCEEDED} if it is too long
     */
    static IntroductionMessage read(String remote, Message message) {
        byte[] bytes = message.payload();
        if (bytes.length > MAX_BYTES) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "the peer at " + remote + " sent a message of " + bytes.length
                            + " bytes to introduce itself; at most " + MAX_BYTES + " are read");
        }
        if (message.kind() != Message.Kind.BINARY || bytes.length == 0) {
            throw Fields.malformed(remote, "a message that is none");
        }
        return switch (bytes[0]) {
            case Fields.OFFER -> Fields.offer(remote, bytes);
            case Fields.ANSWER -> new Answer(Fields.signal(remote, Signal.Kind.ANSWER, bytes, 1));
            case Fields.DIRECT -> {
                Fields.requireEnd(remote, bytes, 1);
                yield new Direct();
            }
            case Fields.STAY -> {
                Fields.requireEnd(remote, bytes, 1 + Fields.REASON_BYTES);
                yield new Stay(new String(bytes, 1, bytes.length - 1, StandardCharsets.UTF_8));
            }
            default -> throw Fields.malformed(remote, "a message of type " + (bytes[0] & 0xff));
        };
    }

    /** How fields look. */
    final class Fields {
        private static final byte OFFER = 1;
        private static final byte ANSWER = 2;
        private static final byte DIRECT = 3;
        private static final byte STAY = 4;
        private static final int REASON_BYTES = 512;
        private static final Pattern ID = Pattern.compile("[a-z0-9-]{1,64}");

        private Fields() {}

        private static Message message(byte type, byte[]... fields) {
            int length = 1;
            for (byte[] field : fields) {
                length += field.length;
            }
            byte[] bytes = new byte[length];
            bytes[0] = type;
            int at = 1;
            for (byte[] field : fields) {
                System.arraycopy(field, 0, bytes, at, field.length);
                at += field.length;
            }
            return Message.binary(bytes);
        }

        /** Preceded by its length. */
        private static byte[] named(String id) {
            byte[] ascii = id.getBytes(StandardCharsets.US_ASCII);
            byte[] field = new byte[1 + ascii.length];
            field[0] = (byte) ascii.length;
            System.arraycopy(ascii, 0, field, 1, ascii.length);
            return field;
        }

        private static byte[] json(Signal signal) {
            return Json.write(SignalJson.write(signal)).getBytes(StandardCharsets.US_ASCII);
        }

        private static byte[] reason(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            return utf8.length <= REASON_BYTES ? utf8 : Arrays.copyOf(utf8, REASON_BYTES);
        }

        private static Offer offer(String remote, byte[] bytes) {
            int length = bytes.length < 2 ? 0 : bytes[1] & 0xff;
            int json = 2 + length;
            if (bytes.length < json) {
                throw malformed(remote, "an offer that is cut off");
            }
            String id = new String(bytes, 2, length, StandardCharsets.US_ASCII);
            if (!ID.matcher(id).matches()) {
                throw malformed(remote, "an offer for a transport without a name");
            }
            return new Offer(id, signal(remote, Signal.Kind.OFFER, bytes, json));
        }

        private static Signal signal(String remote, Signal.Kind kind, byte[] bytes, int from) {
            String what = "the direct " + SignalJson.name(kind) + " of the peer at " + remote;
            String text = new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
            Map<String, @Nullable Object> json = Json.read(what, text);
            SignalJson.requireType(what, kind, json);
            return SignalJson.signal(kind, json);
        }

        private static void requireEnd(String remote, byte[] bytes, int most) {
            if (bytes.length > most) {
                throw malformed(remote, "a verdict of " + bytes.length + " bytes");
            }
        }

        private static SyncException malformed(String remote, String what) {
            return new SyncException(
                    ErrorKind.MALFORMED, "the peer at " + remote + " sent " + what + " to introduce itself");
        }
    }
}
