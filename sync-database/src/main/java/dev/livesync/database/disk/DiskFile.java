package dev.livesync.database.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** An open file of a {@link Disk}. Any number of readers, one writer at a time. */
public interface DiskFile extends Closeable {
    /**
     * How long it is.
     *
     * @return bytes
     * @throws IOException if the system refuses
     */
    long size() throws IOException;

    /**
     * Reads at a position, without moving anything.
     *
     * @param position where to start
     * @param target receives as many bytes as there are, possibly fewer than it has room for
     * @return how many; -1 at or after the end
     * @throws IOException if the system refuses
     */
    int read(long position, ByteBuffer target) throws IOException;

    /**
     * Writes all bytes of a buffer at a position.
     *
     * @param position at most {@link #size()}
     * @param source what to write; consumed
     * @throws IOException if the system refuses; any part may have been written
     */
    void write(long position, ByteBuffer source) throws IOException;

    /**
     * Whether {@link #writeKept} saves a copy.
     *
     * @return true if the file is on the heap and keeps what it is given
     */
    default boolean keepsBuffers() {
        return false;
    }

    /**
     * Writes all bytes of a buffer whose content never changes, so that it may be kept as it is instead of copied.
     *
     * @param position at most {@link #size()}
     * @param source what to write; consumed, and not to be moved or changed afterwards
     * @throws IOException as {@link #write}
     */
    default void writeKept(long position, ByteBuffer source) throws IOException {
        write(position, source);
    }

    /**
     * Gives back what {@link #writeKept} kept.
     *
     * @param position where to start
     * @param length how many bytes
     * @return a view that is the caller's, of bytes that never change; null if they have to be read
     */
    default @Nullable ByteBuffer kept(long position, int length) {
        return null;
    }

    /**
     * Cuts the file.
     *
     * @param size its new length
     * @throws IOException if the system refuses
     */
    void truncate(long size) throws IOException;

    /**
     * Makes everything written so far durable.
     *
     * @throws IOException if the system refuses; what was written since the last success may or may not survive then
     */
    void force() throws IOException;
}
