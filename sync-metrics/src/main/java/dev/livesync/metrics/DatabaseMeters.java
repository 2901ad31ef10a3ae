package dev.livesync.metrics;

import dev.livesync.database.Database;

/** The meters of a database. */
final class DatabaseMeters {
    private DatabaseMeters() {}

    static void bind(Database database, MeterBuilder<Database> meters) {
        meters.gauge(
                "livesync.database.documents",
                "Documents that can be read",
                "",
                d -> d.summary().documents());
        meters.gauge(
                "livesync.database.events",
                "Complete events",
                "",
                d -> d.summary().events());
        meters.gauge(
                "livesync.database.pending",
                "Events that wait for others",
                "",
                d -> d.summary().pending());
        meters.gauge(
                "livesync.database.size",
                "Content of all blocks",
                "bytes",
                d -> d.summary().bytes());
        meters.gauge(
                "livesync.database.waiting",
                "Transactions that wait for the disk",
                "",
                d -> d.counts().waiting());
        meters.counter(
                "livesync.database.transactions",
                "Transactions that are durable",
                "",
                d -> d.counts().transactions());
        meters.counter(
                "livesync.database.written",
                "Bytes that were appended to the log",
                "bytes",
                d -> d.counts().bytesWritten());
        meters.timer(
                "livesync.database.fsync",
                "Forces of the log to the disk",
                d -> d.counts().forces(),
                d -> d.counts().forceTime());
        meters.timer(
                "livesync.database.merge",
                "Merges of what peers have sent",
                d -> d.counts().merges(),
                d -> d.counts().mergeTime());
        meters.timer(
                "livesync.database.compaction",
                "Compactions",
                d -> d.counts().compactions(),
                d -> d.counts().compactionTime());
        meters.timer(
                "livesync.database.checkpoint",
                "Checkpoints",
                d -> d.counts().checkpoints(),
                d -> d.counts().checkpointTime());
        meters.counter(
                "livesync.database.maintenance.failures",
                "Compactions and checkpoints that have failed",
                "",
                d -> d.counts().maintenanceFailures());
    }
}
