package dev.livesync.transport.libp2p;

import dev.livesync.transport.support.libp2p.Libp2pFailures;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** Reads Noise's frames: a length in two bytes, then as many bytes. One frame at a time, in an array that is used again. */
final class FrameReader {
    /** The largest length in two bytes. */
    static final int MAX_FRAME = 65_535;

    private static final int FIRST_CAPACITY = 1_024;

    private byte[] frame = new byte[FIRST_CAPACITY];
    private int limit;
    private int headerBytes;
    private int length;
    private int filled;

    /** @param limit the longest frame that is taken */
    FrameReader(int limit) {
        this.limit = limit;
    }

    void limit(int newLimit) {
        limit = newLimit;
    }

    /** Takes bytes up to the end of a frame; true if there is one, which stays until the next call. */
    boolean read(ByteBuf in) {
        while (in.isReadable()) {
            if (headerBytes < 2) {
                length = length << 8 | in.readUnsignedByte();
                if (++headerBytes == 2) {
                    begin();
                }
            } else {
                int taken = Math.min(length - filled, in.readableBytes());
                in.readBytes(frame, filled, taken);
                filled += taken;
            }
            if (headerBytes == 2 && filled == length) {
                headerBytes = 0;
                filled = 0;
                return true;
            }
        }
        return false;
    }

    private void begin() {
        if (length > limit) {
            throw Libp2pFailures.malformed("a Noise message of " + length + " bytes, more than " + limit);
        }
        if (length > frame.length) {
            frame = new byte[Math.min(MAX_FRAME, Integer.highestOneBit(length) << 1)];
        }
        filled = 0;
    }

    /** The frame; its first {@link #take} bytes count. */
    byte[] frame() {
        return frame;
    }

    /** Takes the frame: returns its length, and is ready for the next. */
    int take() {
        int taken = length;
        length = 0;
        return taken;
    }

    byte[] takeCopy() {
        return Arrays.copyOf(frame, take());
    }
}
