package dev.livesync.transport.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/** Masking as RFC 6455 section 5.3 has it, eight bytes at a time. */
final class Masks {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final SecureRandom random = new SecureRandom();
    private final byte[] pool = new byte[1024];
    private int used = pool.length;

    /** A fresh, unpredictable key; not 0, which would mask nothing. Any thread. */
    synchronized int next() {
        int key = draw();
        while (key == 0) {
            key = draw();
        }
        return key;
    }

    private int draw() {
        if (used == pool.length) {
            random.nextBytes(pool);
            used = 0;
        }
        int key = (pool[used] & 0xff) << 24
                | (pool[used + 1] & 0xff) << 16
                | (pool[used + 2] & 0xff) << 8
                | (pool[used + 3] & 0xff);
        used += 4;
        return key;
    }

    /**
     * Masks or unmasks in place.
     *
     * @param key the masking key, its first byte on top
     * @param phase how many bytes of the payload came before {@code from}
     */
    static void apply(byte[] bytes, int from, int length, int key, int phase) {
        long wide = wide(key, phase);
        int end = from + length;
        int at = from;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            LONGS.set(bytes, at, (long) LONGS.get(bytes, at) ^ wide);
        }
        for (int shift = 56; at < end; at++, shift -= 8) {
            bytes[at] ^= (byte) (wide >>> shift);
        }
    }

    /** The same in a buffer in the order of the network; its position and limit stay. */
    static void apply(ByteBuffer bytes, int from, int length, int key, int phase) {
        long wide = wide(key, phase);
        int end = from + length;
        int at = from;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            bytes.putLong(at, bytes.getLong(at) ^ wide);
        }
        for (int shift = 56; at < end; at++, shift -= 8) {
            bytes.put(at, (byte) (bytes.get(at) ^ (wide >>> shift)));
        }
    }

    private static long wide(int key, int phase) {
        int turned = Integer.rotateLeft(key, 8 * (phase & 3));
        return ((long) turned << 32) | (turned & 0xffff_ffffL);
    }
}
