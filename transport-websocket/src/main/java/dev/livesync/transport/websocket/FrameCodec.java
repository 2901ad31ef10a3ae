package dev.livesync.transport.websocket;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.InvalidFrameException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.FramedataImpl1;
import org.jspecify.annotations.Nullable;

/**
 * Java-WebSocket's handshake and types of frames with a framing layer of our own, because the library's copies and unmasks byte by byte, copies
 * a frame that arrives in pieces once more for each time it grows, takes unmasked frames from clients, and bounds a
 * fragmented message only at its first and its last fragment.
 *
 * <p>Payload bytes are copied once each way: from the read buffer into the message's own array, and from the message into
 * the buffer that is written ({@link Outgoing}). Every length is checked before anything is allocated for it. Reading is for one
 * thread; {@link #encode} for any.
 */
final class FrameCodec extends Draft_6455 {
    private static final int MAX_HEADER = 14;
    private static final int MAX_CONTROL = 125;
    /** Until a whole message has come, whoever states a length gets no more than this for it, and then as much as it brings. */
    private static final int FIRST_CAPACITY = 4_096;

    private final int maxMessageBytes;
    private final Masks masks;

    private final byte[] header = new byte[MAX_HEADER];
    private int headerLength;
    private @Nullable Opcode opcode;
    private boolean fin;
    private byte @Nullable [] payload;
    private int length;
    private int filled;
    private boolean heard;
    private int key;

    /** Bytes of the fragmented message so far; -1 outside of one. */
    private long fragmented = -1;

    private @Nullable InvalidDataException failure;

    FrameCodec(Role role, int maxMessageBytes) {
        this.maxMessageBytes = maxMessageBytes;
        this.masks = new Masks();
        setParseMode(role);
    }

    /**
     * Takes all of the buffer.
     *
     * @return the frames that are complete; where an invalid one follows them, the next call throws
     * @throws InvalidDataException with the close code that the peer deserves; nothing can be read any more
     */
    @Override
    public List<Framedata> translateFrame(ByteBuffer in) throws InvalidDataException {
        List<Framedata> frames = new ArrayList<>();
        try {
            if (failure != null) {
                throw failure;
            }
            while (readHeader(in) && readPayload(in)) {
                frames.add(complete());
            }
        } catch (InvalidDataException e) {
            failure = e;
            if (frames.isEmpty()) {
                throw e;
            }
        }
        return frames;
    }

    boolean hasFailed() {
        return failure != null;
    }

    @Override
    public ByteBuffer createBinaryFrame(Framedata frame) {
        Outgoing bytes = encode(frame);
        ByteBuffer out = ByteBuffer.allocate(bytes.remaining());
        bytes.copyTo(out);
        return out.flip();
    }

    /** The frame as it is sent; it holds the payload's array. */
    Outgoing encode(Framedata frame) {
        ByteBuffer data = frame.getPayloadData();
        int length = data.remaining();
        int key = getRole() == Role.CLIENT ? masks.next() : 0;
        int maskBit = key == 0 ? 0 : 0x80;
        int extended = length <= MAX_CONTROL ? 0 : length <= 0xffff ? 2 : 8;
        ByteBuffer out = ByteBuffer.allocate(2 + extended + (key == 0 ? 0 : 4));
        out.put((byte) ((frame.isFin() ? 0x80 : 0) | code(frame.getOpcode())));
        switch (extended) {
            case 0 -> out.put((byte) (maskBit | length));
            case 2 -> out.put((byte) (maskBit | 126)).putShort((short) length);
            default -> out.put((byte) (maskBit | 127)).putLong(length);
        }
        if (key != 0) {
            out.putInt(key);
        }
        return new Outgoing(out.array(), data, key);
    }

    @Override
    public Draft copyInstance() {
        return new FrameCodec(getRole(), maxMessageBytes);
    }

    @Override
    public void reset() {
        super.reset();
        headerLength = 0;
        payload = null;
        fragmented = -1;
    }

    // Two codecs are never the same one: each is in the middle of its own stream.
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    private boolean readHeader(ByteBuffer in) throws InvalidDataException {
        while (payload == null) {
            int wanted = headerLength < 2 ? 2 : headerSize();
            int take = Math.min(in.remaining(), wanted - headerLength);
            in.get(header, headerLength, take);
            headerLength += take;
            if (headerLength < wanted) {
                return false;
            }
            if (wanted == 2) {
                checkStart();
            }
            if (headerLength == headerSize()) {
                begin();
            }
        }
        return true;
    }

    private int headerSize() {
        int length = header[1] & 0x7f;
        int extended = length == 126 ? 2 : length == 127 ? 8 : 0;
        return 2 + extended + (isMasked() ? 4 : 0);
    }

    private boolean isMasked() {
        return (header[1] & 0x80) != 0;
    }

    /** All that the first two bytes can tell, as soon as they are there. */
    private void checkStart() throws InvalidDataException {
        Opcode code = opcodeOf(header[0] & 0x0f);
        opcode = code;
        fin = (header[0] & 0x80) != 0;
        if ((header[0] & 0x70) != 0) {
            throw new InvalidFrameException("a reserved bit is set, but no extension was agreed on");
        }
        if (isMasked() != (getRole() == Role.SERVER)) {
            throw new InvalidFrameException(isMasked() ? "a server must not mask" : "a client must mask");
        }
        boolean control = (header[0] & 0x08) != 0;
        if (control && (!fin || (header[1] & 0x7f) > MAX_CONTROL)) {
            throw new InvalidFrameException("a control frame is one frame of at most 125 bytes");
        }
        if (!control && (code == Opcode.CONTINUOUS) != (fragmented >= 0)) {
            throw new InvalidFrameException(
                    fragmented >= 0 ? "a message begins inside a fragmented one" : "a continuation of nothing");
        }
    }

    /** The header is complete: check the length, then allocate. */
    private void begin() throws InvalidDataException {
        ByteBuffer rest = ByteBuffer.wrap(header, 2, headerLength - 2);
        int small = header[1] & 0x7f;
        long length = small == 126 ? rest.getShort() & 0xffff : small == 127 ? rest.getLong() : small;
        if (length < 0) {
            throw new InvalidFrameException("a negative length");
        }
        boolean control = (header[0] & 0x08) != 0;
        long total = control ? length : Math.max(fragmented, 0) + length;
        if (length > maxMessageBytes || total > maxMessageBytes) {
            throw new LimitExceededException(
                    "a message of " + (length > maxMessageBytes ? length : total) + " bytes or more", maxMessageBytes);
        }
        if (!control) {
            fragmented = fin ? -1 : total;
        }
        key = isMasked() ? rest.getInt() : 0;
        this.length = (int) length;
        payload = new byte[heard ? (int) length : (int) Math.min(length, FIRST_CAPACITY)];
        filled = 0;
    }

    private boolean readPayload(ByteBuffer in) {
        byte[] target = Objects.requireNonNull(payload);
        int take = Math.min(in.remaining(), length - filled);
        if (filled + take > target.length) {
            target = Arrays.copyOf(target, Math.min(length, Math.max(filled + take, 2 * target.length)));
            payload = target;
        }
        in.get(target, filled, take);
        if (isMasked()) {
            Masks.apply(target, filled, take, key, filled);
        }
        filled += take;
        return filled == length;
    }

    private Framedata complete() throws InvalidDataException {
        FramedataImpl1 frame = FramedataImpl1.get(opcode);
        frame.setFin(fin);
        frame.setPayload(ByteBuffer.wrap(Objects.requireNonNull(payload)));
        payload = null;
        headerLength = 0;
        heard |= fin && (header[0] & 0x08) == 0;
        // Not data frames: whether text is UTF-8 is for the receiver to judge.
        if (frame instanceof CloseFrame close) {
            if (close.getMessage() == null) {
                throw new InvalidDataException(CloseFrame.NO_UTF8, "a close reason that is not UTF-8");
            }
            close.isValid();
        }
        return frame;
    }

    private static Opcode opcodeOf(int code) throws InvalidFrameException {
        return switch (code) {
            case 0 -> Opcode.CONTINUOUS;
            case 1 -> Opcode.TEXT;
            case 2 -> Opcode.BINARY;
            case 8 -> Opcode.CLOSING;
            case 9 -> Opcode.PING;
            case 10 -> Opcode.PONG;
            default -> throw new InvalidFrameException("an unknown opcode: " + code);
        };
    }

    private static int code(Opcode opcode) {
        return switch (opcode) {
            case CONTINUOUS -> 0;
            case TEXT -> 1;
            case BINARY -> 2;
            case CLOSING -> 8;
            case PING -> 9;
            case PONG -> 10;
        };
    }
}
