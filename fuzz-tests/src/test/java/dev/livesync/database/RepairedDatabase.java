package dev.livesync.database;

import dev.livesync.database.disk.MemoryDisk;

/** Repairs what is on a disk in memory. */
public final class RepairedDatabase {
    private RepairedDatabase() {}

    /**
     * Repairs.
     *
     * @param disk where; stays open
     * @param options of the database
     */
    public static void repair(MemoryDisk disk, DatabaseOptions options) {
        Database.repair(() -> disk, null, options);
    }
}
