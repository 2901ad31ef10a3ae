package dev.livesync.database.log;

import dev.livesync.api.Cid;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the small parts of a payload, which {@link PayloadReader} reads. */
public final class PayloadWriter {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes;
    private int size;

    /**
     * Creates an empty payload.
     *
     * @param guess about how many bytes it will have
     */
    public PayloadWriter(int guess) {
        bytes = new byte[guess];
    }

    /**
     * Writes a byte.
     *
     * @param value its low eight bits
     */
    public void u8(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    /**
     * Writes eight bytes, big-endian.
     *
     * @param value any
     */
    public void u64(long value) {
        room(8);
        LONGS.set(bytes, size, value);
        size += 8;
    }

    /**
     * Writes a number in seven-bit groups, the lowest first, the top bit set in all but the last.
     *
     * @param value 0 or more
     */
    public void varint(long value) {
        room(9);
        long rest = value;
        while (rest > 0x7f) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    /**
     * Writes codec and digest, 33 bytes.
     *
     * @param cid which
     */
    public void cid(Cid cid) {
        u8(cid.codec());
        for (int i = 0; i < 4; i++) {
            u64(cid.digestLong(i));
        }
    }

    /**
     * Writes the length and the UTF-8 of a string.
     *
     * @param value any
     */
    public void string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length);
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, size, utf8.length);
        size += utf8.length;
    }

    /**
     * What was written.
     *
     * @return a buffer over it; the writer must not be used any more
     */
    public ByteBuffer toBuffer() {
        return ByteBuffer.wrap(bytes, 0, size);
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
