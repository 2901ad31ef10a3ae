package dev.livesync.database.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

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
