package dev.livesync.database.disk;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.io.IOException;

/** Turns errors of the operating system and the JVM into {@link SyncException}s. */
public final class StorageFailures {
    private StorageFailures() {}

    /**
     * Creates the failure for an error of the operating system.
     *
     * @param what could not be done, and to which file
     * @param cause the system's error
     * @return the failure, {@link ErrorKind#STORAGE}
     */
    public static SyncException storage(String what, IOException cause) {
        return new SyncException(ErrorKind.STORAGE, what + ": " + Reason.of(cause), cause);
    }

    /**
     * Creates the failure for a lack of heap memory.
     *
     * @param what could not be done
     * @param cause the JVM's error
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
