package dev.livesync.transport.support.libp2p;

import java.io.ByteArrayOutputStream;

/** Reads an unsigned varint (seven bits a byte, least significant first) byte by byte. */
public final class Varint {
    /** Nine bytes hold 63 bits, as much as the multiformats' specification allows. */
    private static final int MAX_BYTES = 9;

    private long value;
    private int bytes;

    /** Creates a reader at the start of a number. */
    public Varint() {}

    /**
     * Takes one byte; MALFORMED if the number is longer than nine or than it has to be.
     *
     * @param next the byte
     * @return true if the number is complete, and is to be {@link #take}n
     */
    public boolean add(byte next) {
        if (bytes == MAX_BYTES) {
            throw Libp2pFailures.malformed("a length does not end");
        }
        value |= (long) (next & 0x7f) << (7 * bytes);
        bytes++;
        if (next < 0) {
            return false;
        }
        if (next == 0 && bytes > 1) {
            throw Libp2pFailures.malformed("a length is not written in the fewest bytes");
        }
        return true;
    }

    /**
     * Takes the number, and is ready for the next.
     *
     * @return at least 0
     */
    public long take() {
        long taken = value;
        value = 0;
        bytes = 0;
        return taken;
    }

    /**
     * Whether a number has begun.
     *
     * @return true between its bytes
     */
    public boolean isUnderWay() {
        return bytes > 0;
    }

    /**
     * Writes a number.
     *
     * @param out takes the bytes
     * @param value at least 0
     */
    public static void write(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest >= 0x80) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    /**
     * How long a number is.
     *
     * @param value at least 0
     * @return bytes
     */
    public static int size(long value) {
        int size = 1;
        for (long rest = value >>> 7; rest != 0; rest >>>= 7) {
            size++;
        }
        return size;
    }
}
