package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Records one after the other, in bounded memory. One thread. */
interface RecordReader {
    /**
     * The next record.
     *
     * @return null at the end of the file
     * @throws SyncException {@link ErrorKind#MALFORMED}, {@link ErrorKind#INVALID_ARGUMENT} or {@link ErrorKind#LIMIT_EXCEEDED},
     *     naming the line; nothing can be read after that
     * @throws IOException as the file throws it
     */
    @Nullable
    InputRecord next() throws IOException;
}
