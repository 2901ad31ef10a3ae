package dev.livesync.database.disk;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * The seam below the store: a flat directory of files that belong to one database, held exclusively until
 * {@link #close()}.
 *
 * <p>A file's content is durable after {@link DiskFile#force()}, its existence (or absence) and its name after {@link #sync()}. Any thread;
 * creating and deleting one at a time.
 */
public interface Disk extends Closeable {
    /**
     * The files there are.
     *
     * @return their names, in no particular order
     * @throws IOException if the system refuses
     */
    List<String> list() throws IOException;

    /**
     * Opens a file that exists.
     *
     * @param name one of {@link #list()}
     * @return the file, to be closed by the caller
     * @throws IOException if the system refuses
     */
    DiskFile open(String name) throws IOException;

    /**
     * Creates an empty file.
     *
     * @param name a name that is not in {@link #list()}
     * @return the file, to be closed by the caller
     * @throws IOException if the system refuses
     */
    DiskFile create(String name) throws IOException;

    /**
     * Removes a file, if it exists.
     *
     * @param name its name; not open any more
     * @throws IOException if the system refuses
     */
    void delete(String name) throws IOException;

    /**
     * Gives a file another name, in one step: after a crash it has the one or the other. A file that has the new name goes.
     *
     * @param from its name; not open for writing any more
     * @param to its new name
     * @throws IOException if the system refuses
     */
    void rename(String from, String to) throws IOException;

    /**
     * Makes creations, deletions and renamings durable.
     *
     * @throws IOException if the system refuses
     */
    void sync() throws IOException;

    /**
     * What people call a file.
     *
     * @param name a name
     * @return its path, for messages
     */
    String describe(String name);
}
