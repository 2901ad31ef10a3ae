package dev.livesync.database;

import dev.livesync.database.engine.Engine;
import dev.livesync.database.engine.Parts;
import dev.livesync.database.store.Disk;

/** Opens databases on disks that tests make: {@link dev.livesync.database.store.SimulatedDisk}, for one. */
public final class SimulatedDatabase {
    private SimulatedDatabase() {}

    /** Opens the database on a disk, or creates one. Its writers do the maintenance themselves, so that a seed decides everything. */
    public static Database open(Disk disk, DatabaseOptions options) {
        return Database.on(disk, null, deterministic(options));
    }

    /** What is behind a database. */
    public static Engine engine(Database database) {
        return database.engine;
    }

    static Database open(Disk disk, DatabaseOptions options, Parts parts) {
        return Database.on(disk, null, deterministic(options), true, parts);
    }

    private static DatabaseOptions deterministic(DatabaseOptions options) {
        return options.maintenance().isPresent()
                ? options
                : options.toBuilder().maintenance(Runnable::run).build();
    }
}
