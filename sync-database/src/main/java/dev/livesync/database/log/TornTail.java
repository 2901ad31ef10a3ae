package dev.livesync.database.log;

import dev.livesync.database.disk.DiskFile;
import java.io.IOException;

/** Handles the rest of a write that was never acknowledged. */
@FunctionalInterface
public interface TornTail {
    /**
     * Removes it, durably.
     *
     * @param file the last segment
     * @param at where it begins
     * @param size where the file ends
     * @return where the next record goes
     * @throws IOException if the disk refuses
     */
    long cut(DiskFile file, long at, long size) throws IOException;
}
