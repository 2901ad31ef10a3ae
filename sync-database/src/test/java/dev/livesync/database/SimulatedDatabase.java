package dev.livesync.database;

import dev.livesync.database.disk.Disk;
import dev.livesync.database.maintenance.RepairResult;
import dev.livesync.database.replica.LocalReplica;
import dev.livesync.database.replica.ReplicaParts;

/** Opens databases on disks that tests make: {@link dev.livesync.database.disk.SimulatedDisk}, for one. */
public final class SimulatedDatabase {
    private SimulatedDatabase() {}

    /** Opens the database on a disk, or creates one. Its writers do the maintenance themselves, so that a seed decides everything. */
    public static Database open(Disk disk, DatabaseOptions options) {
        return Database.on(disk, null, deterministic(options));
    }

    /** What is behind a database. */
    public static LocalReplica replica(Database database) {
        return database.embedded().replica();
    }

    /** The same of other parts. */
    public static Database open(Disk disk, DatabaseOptions options, ReplicaParts parts) {
        return Database.on(disk, null, deterministic(options), true, parts);
    }

    /** Mends the database on a disk. */
    public static RepairResult repair(Disk disk, DatabaseOptions options) {
        return Database.repair(() -> disk, null, deterministic(options));
    }

    private static DatabaseOptions deterministic(DatabaseOptions options) {
        return options.maintenance().isPresent()
                ? options
                : options.toBuilder().maintenance(Runnable::run).build();
    }
}
