package dev.livesync.transport.jvmlibp2p;

import java.io.ByteArrayOutputStream;

/** Unsigned varints, seven bits a byte, least first; read one byte at a time. */
final class Varint {
    /** Nine bytes hold 63 bits, as much as the multiformats' specification allows. */
    private static final int MAX_BYTES = 9;

    private long value;
    private int bytes;

    /** Takes one byte; true if the number is complete, which is then {@link #take}n. */
    boolean add(byte next) {
        if (bytes == MAX_BYTES) {
            throw Failures.malformed("a length does not end");
        }
        value |= (long) (next & 0x7f) << (7 * bytes);
        bytes++;
        if (next < 0) {
            return false;
        }
        if (next == 0 && bytes > 1) {
            throw Failures.malformed("a length is not written in the fewest bytes");
        }
        return true;
    }

    /** The number, and ready for the next. */
    long take() {
        long taken = value;
        value = 0;
        bytes = 0;
        return taken;
    }

    /** Whether a number has begun. */
    boolean isUnderWay() {
        return bytes > 0;
    }

    static void write(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest >= 0x80) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    static int size(long value) {
        int size = 1;
        for (long rest = value >>> 7; rest != 0; rest >>>= 7) {
            size++;
        }
        return size;
    }
}
