package dev.livesync.transport.partykit;

import dev.livesync.api.SyncException;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads what a server sends, message by message, by RFC 6455; every length is looked at before it is believed. For one thread. */
final class ServerFrames {
    /** Takes what is read. */
    interface Reader {
        void onText(String text);

        void onBinary(byte[] message);

        void onPing(byte[] payload);

        /** Some frame has come, a pong perhaps. */
        void onSign();
    }

    /**
     * How the server ended it.
     *
     * @param code 1005 if it named none
     * @param reason for people; may be empty
     */
    record Close(int code, String reason) {}

    /** Of a text of the room's. */
    static final int MAX_TEXT = 65_536;
    /** What a member may send, and an id in the place of another. */
    static final int MAX_BINARY = 66_000 + 64;

    private static final int CONTROL = 0x08;
    private static final int MAX_CONTROL = 125;
    private static final int NO_CODE = 1005;

    private final DataInputStream in;
    private final Reader reader;
    /** The opcode of the message that is arriving; 0 if there is none. */
    private int begun;

    private byte[] message = {};

    ServerFrames(DataInputStream in, Reader reader) {
        this.in = in;
        this.reader = reader;
    }

    /** Reads until the server says that it ends. */
    Close read() throws IOException {
        while (true) {
            int first = in.readUnsignedByte();
            int second = in.readUnsignedByte();
            boolean last = (first & 0x80) != 0;
            int opcode = first & 0x0f;
            if ((first & 0x70) != 0 || (second & 0x80) != 0) {
                throw broken("a frame that no server sends");
            }
            long length = length(second);
            reader.onSign();
            if ((opcode & CONTROL) != 0) {
                Close close = control(opcode, last, length);
                if (close != null) {
                    return close;
                }
            } else {
                data(opcode, last, length);
            }
        }
    }

    private long length(int second) throws IOException {
        int stated = second & 0x7f;
        return stated < 126 ? stated : stated == 126 ? in.readUnsignedShort() : in.readLong();
    }

    private @Nullable Close control(int opcode, boolean last, long length) throws IOException {
        if (!last || length < 0 || length > MAX_CONTROL) {
            throw broken("a control frame that is too long or in pieces");
        }
        byte[] payload = bytes((int) length);
        return switch (opcode) {
            case ClientFrame.CLOSE -> {
                if (payload.length < 2) {
                    yield new Close(NO_CODE, "");
                }
                int code = (payload[0] & 0xff) << 8 | payload[1] & 0xff;
                yield new Close(code, new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
            }
            case ClientFrame.PING -> {
                reader.onPing(payload);
                yield null;
            }
            case ClientFrame.PONG -> null;
            default -> throw broken("a control frame that nobody knows");
        };
    }

    private void data(int opcode, boolean last, long length) throws IOException {
        if (opcode > ClientFrame.BINARY || (opcode == 0) != (begun != 0)) {
            throw broken("a frame out of turn");
        }
        int type = opcode == 0 ? begun : opcode;
        long most = type == ClientFrame.TEXT ? MAX_TEXT : MAX_BINARY;
        if (length < 0 || length > most - message.length) {
            throw broken("a message of more than " + most + " bytes");
        }
        byte[] piece = bytes((int) length);
        byte[] whole = piece;
        if (message.length > 0) {
            whole = Arrays.copyOf(message, message.length + piece.length);
            System.arraycopy(piece, 0, whole, message.length, piece.length);
        }
        message = last ? new byte[0] : whole;
        begun = last ? 0 : type;
        if (last && type == ClientFrame.TEXT) {
            reader.onText(text(whole));
        } else if (last) {
            reader.onBinary(whole);
        }
    }

    private byte[] bytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static String text(byte[] utf8) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw broken("a text that is no UTF-8");
        }
    }

    private static SyncException broken(String what) {
        return RoomFailures.malformed("it sent " + what);
    }
}
