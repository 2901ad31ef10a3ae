package dev.livesync.database.disk;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.io.IOException;

/** Turns what the system says into what people read. */
public final class StorageFailures {
    private StorageFailures() {}

    /**
     * A refusal of the operating system.
     *
     * @param what could not be done, and to which file
     * @param cause what the system said
     * @return the failure, {@link ErrorKind#STORAGE}
     */
    public static SyncException storage(String what, IOException cause) {
        return new SyncException(ErrorKind.STORAGE, what + ": " + Reason.of(cause), cause);
    }

    /**
     * The JVM has no memory left for something.
     *
     * @param what could not be done
     * @param cause what the JVM said
     * @return the failure, {@link ErrorKind#LIMIT_EXCEEDED}
     */
    public static SyncException memory(String what, OutOfMemoryError cause) {
        return new SyncException(
                ErrorKind.LIMIT_EXCEEDED,
                what + ": the JVM's memory of " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB is used up ("
                        + cause.getMessage() + "); give it more with -Xmx",
                cause);
    }
}
