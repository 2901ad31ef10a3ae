package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import java.util.Arrays;
import java.util.BitSet;

/** A message that is being written. Fixed numbers are little-endian. */
final class MessageOutput {
    private byte[] buffer = new byte[256];
    private int size;

    int size() {
        return size;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(buffer, size);
    }

    void octet(int value) {
        reserve(1);
        buffer[size++] = (byte) value;
    }

    /** A number from 0 to 2^31 - 1, seven bits a byte, the lowest first. */
    void number(int value) {
        longNumber(value);
    }

    /** A number that may be negative: 0, -1, 1, -2 … are written as 0, 1, 2, 3 … */
    void signed(long value) {
        longNumber(value << 1 ^ value >> 63);
    }

    private void longNumber(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            octet((int) rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        octet((int) rest);
    }

    void fixed(long value, int bytes) {
        reserve(bytes);
        for (int i = 0; i < bytes; i++) {
            buffer[size++] = (byte) (value >>> 8 * i);
        }
    }

    void bytes(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
    }

    /** The digest of a CID, since all events have one codec. */
    void cid(Cid cid) {
        for (int i = 0; i < 4; i++) {
            fixed(Long.reverseBytes(cid.digestLong(i)), 8);
        }
    }

    /** Bits, the first the lowest of the first byte. */
    void bits(BitSet bits, int count) {
        bytes(Arrays.copyOf(bits.get(0, count).toByteArray(), (count + 7) / 8));
    }

    private void reserve(int more) {
        if (buffer.length - size < more) {
            buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, size + more));
        }
    }
}
