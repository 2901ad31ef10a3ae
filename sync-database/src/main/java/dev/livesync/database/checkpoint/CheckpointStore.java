package dev.livesync.database.checkpoint;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Keeps checkpoints: bytes by name, of which only the last of a name counts. A checkpoint spares the reading of history and nothing else: losing it loses nothing, one that is of something else or
 * damaged is found out and not used, and several processes may write the same name one after another.
 *
 * <p>About 90 bytes an event; a checkpoint of a large database doesn't fit into memory a second time, so it is written and read as a stream.
 *
 * <p>Any thread. Failures are {@link SyncException}s of kind {@link ErrorKind#STORAGE}, or whatever the other side throws.
 */
public interface CheckpointStore {
    /** The bytes of a checkpoint. */
    @FunctionalInterface
    interface Content {
        /**
         * Writes them.
         *
         * @param target takes them in order; stays open
         * @throws IOException as the target throws it
         */
        void writeTo(OutputStream target) throws IOException;
    }

    /** Takes a checkpoint that is read. */
    @FunctionalInterface
    interface Loader {
        /**
         * Reads as much as it likes.
         *
         * @param source gives the bytes in order; stays open, valid until this returns
         * @param size how many there are
         * @throws IOException as the source throws it
         */
        void readFrom(InputStream source, long size) throws IOException;
    }

    /**
     * Replaces the checkpoint of a name: as a whole, or not at all if something throws.
     *
     * @param name 1 to 200 printable ASCII characters
     * @param content writes it; called once
     */
    void save(String name, Content content);

    /**
     * Reads the last checkpoint of a name.
     *
     * @param name as it was saved
     * @param sink takes it; called once if there is one
     * @return false if there is none
     */
    boolean load(String name, Loader sink);
}
