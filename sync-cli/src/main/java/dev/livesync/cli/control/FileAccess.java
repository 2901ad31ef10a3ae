package dev.livesync.cli.control;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/** The files that a command line names, wherever they are. One thread. */
public interface FileAccess {
    /**
     * A file to read.
     *
     * @param stream its content; closed by the caller
     * @param size bytes in all; negative if that is not known
     */
    record SourceFile(InputStream stream, long size) {}

    /** A file that is written. What is not kept has never been. */
    interface TargetFile extends Closeable {
        /**
         * Where to write.
         *
         * @return a buffered stream, not closed by the caller
         */
        OutputStream stream();

        /**
         * Puts the file in its place, whole and durable.
         *
         * @throws IOException if it can't be; nothing has changed then
         */
        void keep() throws IOException;
    }

    /**
     * Opens a file to read it.
     *
     * @param file its name
     * @return its content
     * @throws IOException if it can't be read
     */
    SourceFile open(Path file) throws IOException;

    /**
     * Creates a file.
     *
     * @param file its name
     * @param replace whether it may take the place of one that is there when it is kept
     * @return the file, which is nowhere to be seen until it is kept
     * @throws IOException if it can't be written
     */
    TargetFile create(Path file, boolean replace) throws IOException;

    /**
     * Whether there is something of a name.
     *
     * @param file the name
     * @return true if there is
     * @throws IOException if it can't be found out
     */
    boolean exists(Path file) throws IOException;

    /**
     * Whether the files are those of this process.
     *
     * @return false if they are another's
     */
    default boolean isLocal() {
        return false;
    }
}
