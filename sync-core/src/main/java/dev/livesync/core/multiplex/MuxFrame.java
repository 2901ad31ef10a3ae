package dev.livesync.core.multiplex;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * What one frame says, and how: a type, the channel's number, and what else there is. A number is an unsigned LEB128, as short as it can be.
 * Each frame is one binary message of the connection. {@code docs/several-databases.md} has the table.
 */
sealed interface MuxFrame {
    /** The longest head of a piece: the type, and a channel's number. */
    int HEAD_BYTES = 6;

    /** Which channel it is about; 1 or more. */
    long channel();

    /** The dialler wants a channel to a database, and takes so many bytes on it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Open(long channel, byte[] token, long window) implements MuxFrame {}

    /** The listener has it, and takes so many bytes on it. */
    record Opened(long channel, long window) implements MuxFrame {}

    /** A piece of a message; its type says whether it is the last one, and then of which kind the message is. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Piece(long channel, int type, byte[] bytes) implements MuxFrame {}

    /** So many more bytes may be sent. */
    record Credit(long channel, long bytes) implements MuxFrame {}

    /** Nothing follows, and all before was sent. */
    record End(long channel) implements MuxFrame {}

    /** Nothing follows, and something before may be missing. */
    record Reset(long channel, int reason) implements MuxFrame {}

    /**
     * Reads a frame.
     *
     * @throws SyncException {@link ErrorKind#MALFORMED}
     */
    static MuxFrame read(byte[] bytes) {
        return new Input(bytes).frame();
    }

    /** Writes it. */
    default byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(32);
        if (this instanceof Open open) {
            begin(out, MuxType.OPEN);
            out.write(open.token(), 0, open.token().length);
            number(out, open.window());
        } else if (this instanceof Opened opened) {
            begin(out, MuxType.OPENED);
            number(out, opened.window());
        } else if (this instanceof Piece piece) {
            return piece(piece.type(), channel(), piece.bytes(), 0, piece.bytes().length);
        } else if (this instanceof Credit credit) {
            begin(out, MuxType.CREDIT);
            number(out, credit.bytes());
        } else if (this instanceof Reset reset) {
            begin(out, MuxType.RESET);
            out.write(reset.reason());
        } else {
            begin(out, MuxType.END);
        }
        return out.toByteArray();
    }

    /** Writes a piece without a copy before. */
    static byte[] piece(int type, long channel, byte[] message, int from, int length) {
        ByteArrayOutputStream head = new ByteArrayOutputStream(HEAD_BYTES);
        head.write(type);
        number(head, channel);
        byte[] frame = Arrays.copyOf(head.toByteArray(), head.size() + length);
        System.arraycopy(message, from, frame, head.size(), length);
        return frame;
    }

    private void begin(ByteArrayOutputStream out, int type) {
        out.write(type);
        number(out, channel());
    }

    private static void number(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest >= 0x80) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    /** One frame's bytes. */
    final class Input {
        private static final int MAX_DIGITS = 6;

        private final byte[] bytes;
        private int at;

        Input(byte[] bytes) {
            this.bytes = bytes;
        }

        MuxFrame frame() {
            int type = octet();
            long channel = number("channel", MuxLimits.CHANNEL_NUMBERS);
            MuxFrame frame = switch (type) {
                case MuxType.OPEN -> new Open(channel, take(NameToken.BYTES), window());
                case MuxType.OPENED -> new Opened(channel, window());
                case MuxType.PART, MuxType.TEXT, MuxType.BINARY -> new Piece(channel, type, take(bytes.length - at));
                case MuxType.CREDIT -> new Credit(channel, number("credit", MuxLimits.MOST_CREDIT));
                case MuxType.END -> new End(channel);
                case MuxType.RESET -> new Reset(channel, octet());
                default -> throw malformed("is of no known type");
            };
            if (at != bytes.length) {
                throw malformed("has " + (bytes.length - at) + " bytes behind its end");
            }
            if (type == MuxType.PART && ((Piece) frame).bytes().length == 0) {
                throw malformed("is an empty piece that ends nothing");
            }
            return frame;
        }

        private long window() {
            long window = number("window", MuxLimits.MOST_CREDIT);
            if (window < MuxLimits.FIRST_WINDOW) {
                throw malformed("grants less than " + MuxLimits.FIRST_WINDOW + " bytes");
            }
            return window;
        }

        private int octet() {
            if (at == bytes.length) {
                throw malformed("ends too early");
            }
            return bytes[at++] & 0xff;
        }

        private byte[] take(int count) {
            if (bytes.length - at < count) {
                throw malformed("ends too early");
            }
            at += count;
            return Arrays.copyOfRange(bytes, at - count, at);
        }

        private long number(String what, long most) {
            long value = 0;
            for (int digit = 0; digit < MAX_DIGITS; digit++) {
                int next = octet();
                value |= (long) (next & 0x7f) << (7 * digit);
                if (next < 0x80) {
                    if (next == 0 && digit > 0) {
                        throw malformed("has a " + what + " that is longer than it need be");
                    }
                    if (value < 1 || value > most) {
                        throw malformed("has a " + what + " of " + value);
                    }
                    return value;
                }
            }
            throw malformed("has a " + what + " that is too long");
        }

        private static SyncException malformed(String how) {
            return new SyncException(ErrorKind.MALFORMED, "a frame of a shared connection " + how);
        }
    }
}
