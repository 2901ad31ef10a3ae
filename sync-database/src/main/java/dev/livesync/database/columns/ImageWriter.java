package dev.livesync.database.columns;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/** Writes numbers, little-endian as most machines keep them, through a buffer of fixed size; ends with a CRC32C of everything. One thread at a time. */
public final class ImageWriter {
    private static final int BUFFER = 1 << 20;

    private final Target target;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private long written;

    /** The target of the bytes. */
    @FunctionalInterface
    public interface Target {
        /**
         * Takes the next bytes.
         *
         * @param bytes consumed, not kept
         * @throws IOException if the system refuses
         */
        void write(ByteBuffer bytes) throws IOException;
    }

    /**
     * Creates an empty image.
     *
     * @param target takes the bytes in order
     */
    public ImageWriter(Target target) {
        this.target = target;
    }

    /**
     * Collects what would be written, without a checksum: a copy of something that changes, to be written later with {@link #putBytes}.
     *
     * @param content writes it
     * @return a new array
     */
    public static byte[] bytes(Consumer<ImageWriter> content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter out = new ImageWriter(part -> {
            bytes.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
            part.position(part.limit());
        });
        content.accept(out);
        out.flush();
        return bytes.toByteArray();
    }

    /**
     * Writes four bytes.
     *
     * @param value any
     * @throws UncheckedIOException if the system refuses
     */
    public void putInt(int value) {
        room(4);
        buffer.putInt(value);
    }

    /**
     * Writes eight bytes.
     *
     * @param value any
     * @throws UncheckedIOException if the system refuses
     */
    public void putLong(long value) {
        room(8);
        buffer.putLong(value);
    }

    /**
     * Writes ints without their number.
     *
     * @param values where they are
     * @param count how many, from the first
     * @throws UncheckedIOException if the system refuses
     */
    public void putInts(int[] values, int count) {
        for (int done = 0; done < count; ) {
            room(4);
            int n = Math.min(count - done, buffer.remaining() / 4);
            buffer.asIntBuffer().put(values, done, n);
            buffer.position(buffer.position() + 4 * n);
            done += n;
        }
    }

    /**
     * Writes the slots of a hash table that somebody may be adding to: each holds a number plus one, or 0. Slots are filled by numbers in their
     * order and never emptied, so without the later ones it is the table of a moment.
     *
     * @param slots where they are
     * @param bound the number from which on they count for nothing
     * @throws UncheckedIOException if the system refuses
     */
    public void putTable(int[] slots, int bound) {
        for (int slot : slots) {
            putInt(slot > bound ? 0 : slot);
        }
    }

    /**
     * Writes longs without their number.
     *
     * @param values where they are
     * @param count how many, from the first
     * @throws UncheckedIOException if the system refuses
     */
    public void putLongs(long[] values, int count) {
        for (int done = 0; done < count; ) {
            room(8);
            int n = Math.min(count - done, buffer.remaining() / 8);
            buffer.asLongBuffer().put(values, done, n);
            buffer.position(buffer.position() + 8 * n);
            done += n;
        }
    }

    /**
     * Writes bytes without their number.
     *
     * @param bytes where they are
     * @param count how many, from the first
     * @throws UncheckedIOException if the system refuses
     */
    public void putBytes(byte[] bytes, int count) {
        for (int done = 0; done < count; ) {
            room(1);
            int n = Math.min(count - done, buffer.remaining());
            buffer.put(bytes, done, n);
            done += n;
        }
    }

    /**
     * Writes the length and the UTF-8 of a string.
     *
     * @param value any
     * @throws UncheckedIOException if the system refuses
     */
    public void putString(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        putInt(bytes.length);
        putBytes(bytes, bytes.length);
    }

    /**
     * Writes the checksum. Nothing may be written afterwards.
     *
     * @return how many bytes the image has
     * @throws UncheckedIOException if the system refuses
     */
    public long finish() {
        flush();
        buffer.putInt((int) crc.getValue());
        flush();
        return written;
    }

    private void room(int bytes) {
        if (buffer.remaining() < bytes) {
            flush();
        }
    }

    private void flush() {
        buffer.flip();
        crc.update(buffer.duplicate());
        written += buffer.remaining();
        try {
            target.write(buffer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        buffer.clear();
    }
}
