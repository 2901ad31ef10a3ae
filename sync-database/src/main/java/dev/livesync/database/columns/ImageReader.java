package dev.livesync.database.columns;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Reads what {@link ImageWriter} wrote. The values can be trusted only after {@link #finish} has checked the checksum. Until then lengths
 * are checked against the size of the image, so that a damaged one costs no more memory than a good one. One thread at a time.
 */
public final class ImageReader {
    private static final int BUFFER = 1 << 20;

    private final Source source;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer buffer =
            ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    /** Bytes that are not in the buffer yet, the checksum left out. */
    private long left;

    /** Thrown if the bytes are not an image or are damaged. */
    public static final class DamagedException extends SyncException {
        private static final long serialVersionUID = 1;

        /**
         * Creates the exception.
         *
         * @param message for a log
         */
        public DamagedException(String message) {
            super(ErrorKind.CORRUPT, message);
        }
    }

    /** The source of the bytes. */
    @FunctionalInterface
    public interface Source {
        /**
         * Reads the next bytes.
         *
         * @param target receives some
         * @return how many; -1 at the end
         * @throws IOException if the system refuses
         */
        int read(ByteBuffer target) throws IOException;
    }

    /**
     * Creates a reader at the start of an image.
     *
     * @param source gives the bytes in order
     * @param size how many there are
     */
    public ImageReader(Source source, long size) {
        this.source = source;
        this.left = Math.max(0, size - 4);
    }

    /**
     * Reads four bytes.
     *
     * @return the number they are
     * @throws DamagedException if there are not as many
     * @throws UncheckedIOException if the system refuses
     */
    public int getInt() {
        need(4);
        return buffer.getInt();
    }

    /**
     * Reads eight bytes.
     *
     * @return the number they are
     * @throws DamagedException if there are not as many
     * @throws UncheckedIOException if the system refuses
     */
    public long getLong() {
        need(8);
        return buffer.getLong();
    }

    /**
     * Reads the number of elements that follow, so that memory can be allocated for them.
     *
     * @param each the least bytes that one element takes
     * @return 0 or more, as many as the image can hold
     * @throws DamagedException if there are not as many
     * @throws UncheckedIOException if the system refuses
     */
    public int getCount(int each) {
        int count = getInt();
        if (count < 0 || count > (left + buffer.remaining()) / each) {
            throw new DamagedException("a count of " + count);
        }
        return count;
    }

    /**
     * Refuses an image that can't be right, whatever its checksum says.
     *
     * @param right whether it can
     * @param what what is wrong otherwise
     * @param number which one it is, or how many
     * @throws DamagedException if it can't
     */
    public static void require(boolean right, String what, long number) {
        if (!right) {
            throw new DamagedException(what + ": " + number);
        }
    }

    /**
     * Reads what {@link ImageWriter#putTable} wrote, and its length before that.
     *
     * @param count how many numbers it holds
     * @return a table with room for each number, so that looking for one ends
     * @throws DamagedException if there are not as many bytes, or they are no such table
     * @throws UncheckedIOException if the system refuses
     */
    public int[] getTable(int count) {
        int[] slots = new int[getCount(4)];
        getInts(slots, slots.length);
        int filled = 0;
        for (int slot : slots) {
            require(slot >= 0 && slot <= count, "a slot of a table", slot);
            filled += slot == 0 ? 0 : 1;
        }
        require(
                Integer.bitCount(slots.length) == 1 && filled == count && 3L * count <= 2L * slots.length,
                "a table with " + slots.length + " slots",
                count);
        return slots;
    }

    /**
     * Reads ints.
     *
     * @param values receives them
     * @param count how many
     * @throws DamagedException if there are not as many
     * @throws UncheckedIOException if the system refuses
     */
    public void getInts(int[] values, int count) {
        for (int done = 0; done < count; ) {
            need(4);
            int n = Math.min(count - done, buffer.remaining() / 4);
            buffer.asIntBuffer().get(values, done, n);
            buffer.position(buffer.position() + 4 * n);
            done += n;
        }
    }

    /**
     * Reads longs.
     *
     * @param values receives them
     * @param count how many
     * @throws DamagedException if there are not as many
     * @throws UncheckedIOException if the system refuses
     */
    public void getLongs(long[] values, int count) {
        for (int done = 0; done < count; ) {
            need(8);
            int n = Math.min(count - done, buffer.remaining() / 8);
            buffer.asLongBuffer().get(values, done, n);
            buffer.position(buffer.position() + 8 * n);
            done += n;
        }
    }

    /**
     * Reads bytes.
     *
     * @param bytes receives them
     * @param count how many
     * @throws DamagedException if there are not as many
     * @throws UncheckedIOException if the system refuses
     */
    public void getBytes(byte[] bytes, int count) {
        for (int done = 0; done < count; ) {
            need(1);
            int n = Math.min(count - done, buffer.remaining());
            buffer.get(bytes, done, n);
            done += n;
        }
    }

    /**
     * Reads a string.
     *
     * @return the string
     * @throws DamagedException if there is none
     * @throws UncheckedIOException if the system refuses
     */
    public String getString() {
        byte[] bytes = new byte[getCount(1)];
        getBytes(bytes, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Checks everything that was read against the checksum.
     *
     * @throws DamagedException if it does not match, or something is left over
     * @throws UncheckedIOException if the system refuses
     */
    public void finish() {
        if (buffer.hasRemaining() || left > 0) {
            throw new DamagedException("bytes are left over");
        }
        int expected = (int) crc.getValue();
        left = 4;
        need(4);
        if (buffer.getInt() != expected) {
            throw new DamagedException("the checksum does not match");
        }
    }

    /**
     * Skips the rest, and checks everything against the checksum.
     *
     * @throws DamagedException if it does not match
     * @throws UncheckedIOException if the system refuses
     */
    public void skipToFinish() {
        while (left > 0 || buffer.hasRemaining()) {
            need(1);
            buffer.position(buffer.limit());
        }
        finish();
    }

    private void need(int bytes) {
        if (buffer.remaining() >= bytes) {
            return;
        }
        if (buffer.remaining() + left < bytes) {
            throw new DamagedException("it ends too early");
        }
        buffer.compact();
        int from = buffer.position();
        buffer.limit((int) Math.min(buffer.capacity(), from + left));
        try {
            while (buffer.hasRemaining() && source.read(buffer) > 0) {}
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        left -= buffer.position() - from;
        buffer.flip();
        crc.update(buffer.duplicate().position(from));
        if (buffer.remaining() < bytes) {
            throw new DamagedException("it ends too early");
        }
    }
}
