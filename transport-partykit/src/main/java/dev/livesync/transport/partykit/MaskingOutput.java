package dev.livesync.transport.partykit;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/** Writes a client's frames, masked as RFC 6455 wants it, many small ones at once. For one thread. */
final class MaskingOutput {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int SIZE = 64 * 1024;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;

    private final OutputStream out;
    private final SecureRandom random;
    private final byte[] buffer = new byte[SIZE];
    private int used;

    MaskingOutput(OutputStream out, SecureRandom random) {
        this.out = out;
        this.random = random;
    }

    void write(ClientFrame frame) throws IOException {
        if (SIZE - used < ClientFrame.OVERHEAD) {
            flush();
        }
        int size = frame.payload();
        buffer[used++] = (byte) (FINAL | frame.opcode());
        if (size < 126) {
            buffer[used++] = (byte) (MASKED | size);
        } else {
            boolean wide = size > 0xffff;
            buffer[used++] = (byte) (MASKED | (wide ? 127 : 126));
            for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) {
                buffer[used++] = (byte) ((long) size >> shift);
            }
        }
        int key = random.nextInt();
        for (int shift = 24; shift >= 0; shift -= 8) {
            buffer[used++] = (byte) (key >> shift);
        }
        int turned = masked(frame.head(), 0, frame.head().length, key);
        masked(frame.body(), frame.from(), frame.length(), turned);
    }

    /** Returns the key as it goes on. */
    private int masked(byte[] bytes, int from, int length, int key) throws IOException {
        int turning = key;
        for (int at = 0; at < length; ) {
            if (used == SIZE) {
                flush();
            }
            int piece = Math.min(length - at, SIZE - used);
            System.arraycopy(bytes, from + at, buffer, used, piece);
            mask(buffer, used, piece, turning);
            turning = Integer.rotateLeft(turning, 8 * (piece & 3));
            used += piece;
            at += piece;
        }
        return turning;
    }

    private static void mask(byte[] bytes, int from, int length, int key) {
        long wide = (long) key << 32 | key & 0xffffffffL;
        int at = from;
        int end = from + length;
        for (; at + 8 <= end; at += 8) {
            LONGS.set(bytes, at, (long) LONGS.get(bytes, at) ^ wide);
        }
        for (int shift = 56; at < end; at++, shift -= 8) {
            bytes[at] ^= (byte) (wide >> shift);
        }
    }

    void flush() throws IOException {
        out.write(buffer, 0, used);
        used = 0;
        out.flush();
    }
}
