package dev.livesync.transport.partykit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A frame between members as it arrived: {@code docs/room-protocol.md}.
 *
 * @param from the sender's id
 * @param type what it is, without {@link #BY_LISTENER}
 * @param byListener whether it comes from the end that was dialled
 * @param channel its number, as its dialler chose it
 * @param payload between position and limit
 */
@SuppressWarnings("ByteBufferBackingArray") // each was allocated here, as long as its frame
record RoomFrame(String from, int type, boolean byListener, int channel, ByteBuffer payload) {
    static final int VERSION = 1;

    static final int OPEN = 0x01;
    /** With {@link #BY_LISTENER}: OPENED. */
    static final int OPENED = 0x01;

    static final int DATA = 0x02;
    static final int CREDIT = 0x03;
    static final int FIN = 0x04;
    static final int RESET = 0x05;
    /** Set in the type of what the end sends that was dialled. */
    static final int BY_LISTENER = 0x10;

    static final int BINARY = 0x01;
    static final int MORE = 0x02;

    static final int MAX_ID = 64;
    /** Payload of one DATA. */
    static final int PIECE = 65_519;
    /** What a DATA costs beyond its bytes. */
    static final int PIECE_COST = 16;
    /** What a receiver may grant at a time. */
    static final int MOST_CREDIT = 1024 * 1024;
    /** What a sender may have. */
    static final long CREDIT_LIMIT = 1L << 31;
    /** The least that "largest message" may say. */
    static final int LEAST_MESSAGE = 1_024;

    static final int MAX_REASON = 512;

    /** Reads a frame of the room's; null for one that doesn't even name a channel, which nobody could answer. */
    static @Nullable RoomFrame read(byte[] bytes) {
        int n = bytes.length == 0 ? 0 : bytes[0] & 0xff;
        if (n == 0 || n > MAX_ID || bytes.length < 1 + n + 5) {
            return null;
        }
        String from = new String(bytes, 1, n, StandardCharsets.ISO_8859_1);
        ByteBuffer rest = ByteBuffer.wrap(bytes, 1 + n, bytes.length - 1 - n);
        int type = rest.get() & 0xff;
        int channel = rest.getInt();
        return new RoomFrame(from, type & ~BY_LISTENER, (type & BY_LISTENER) != 0, channel, rest);
    }

    /** Starts a frame to a member: everything before the payload, and room for so much of it. */
    static ByteBuffer to(String member, int type, boolean byListener, int channel, int payload) {
        byte[] id = member.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer frame = ByteBuffer.allocate(1 + id.length + 5 + payload);
        frame.put((byte) id.length).put(id);
        frame.put((byte) (type | (byListener ? BY_LISTENER : 0))).putInt(channel);
        return frame;
    }

    static ClientFrame open(String member, int channel, String seat, int credit, int largest) {
        byte[] name = seat.getBytes(StandardCharsets.US_ASCII);
        return whole(to(member, OPEN, false, channel, 10 + name.length)
                .put((byte) VERSION)
                .put((byte) name.length)
                .put(name)
                .putInt(credit)
                .putInt(largest));
    }

    static ClientFrame opened(String member, int channel, int credit, int largest) {
        return whole(to(member, OPENED, true, channel, 9)
                .put((byte) VERSION)
                .putInt(credit)
                .putInt(largest));
    }

    static ClientFrame credit(String member, boolean byListener, int channel, int bytes) {
        return whole(to(member, CREDIT, byListener, channel, 4).putInt(bytes));
    }

    static ClientFrame fin(String member, boolean byListener, int channel) {
        return whole(to(member, FIN, byListener, channel, 0));
    }

    static ClientFrame reset(String member, boolean byListener, int channel, String reason) {
        byte[] text = RoomFailures.shown(reason).getBytes(StandardCharsets.UTF_8); // at most 200 characters
        return whole(to(member, RESET, byListener, channel, text.length).put(text));
    }

    static ClientFrame data(
            String member, boolean byListener, int channel, int flags, byte[] bytes, int at, int length) {
        ByteBuffer head = to(member, DATA, byListener, channel, 1).put((byte) flags);
        return new ClientFrame(ClientFrame.BINARY, head.array(), bytes, at, length);
    }

    private static ClientFrame whole(ByteBuffer frame) {
        return ClientFrame.of(ClientFrame.BINARY, frame.array());
    }

    /** What somebody gave as the reason of a RESET, safe to show. */
    String reason() {
        byte[] text = new byte[Math.min(payload.remaining(), MAX_REASON)];
        payload.get(text);
        return RoomFailures.shown(new String(text, StandardCharsets.UTF_8));
    }
}
