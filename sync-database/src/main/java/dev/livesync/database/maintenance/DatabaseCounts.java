package dev.livesync.database.maintenance;

import java.time.Duration;

/**
 * What a database has done since it was opened, for metrics. Counts and times are of one moment and do not change; while things go on, one may be a
 * little newer than another. What is stored is told by {@link dev.livesync.database.Database#summary}.
 *
 * <p>Any thread. LiveSync implements this, and a later version may count more: programs only read it.
 */
public interface DatabaseCounts {
    /**
     * Transactions that are durable: writes of this database's own, and commits of what peers have sent that brought something.
     *
     * @return a count
     */
    long transactions();

    /**
     * What was appended to the log for them.
     *
     * @return bytes
     */
    long bytesWritten();

    /**
     * How often the log was forced to the disk for them. Those who wait at the same time share one.
     *
     * @return a count; in memory forces are counted, too, and take no time
     */
    long forces();

    /**
     * How long all of these took.
     *
     * @return a sum
     */
    Duration forceTime();

    /**
     * Transactions that wait for the disk now, without those that are being written.
     *
     * @return a count
     */
    int waiting();

    /**
     * Commits of what peers have sent that were merged into the history, and had been refused by nothing.
     *
     * @return a count
     */
    long merges();

    /**
     * How long all of these took, without waiting for others or for the disk.
     *
     * @return a sum
     */
    Duration mergeTime();

    /**
     * Compactions that have ended, asked for or not.
     *
     * @return a count
     */
    long compactions();

    /**
     * How long all of these took.
     *
     * @return a sum
     */
    Duration compactionTime();

    /**
     * Checkpoints that were written while the database was in use.
     *
     * @return a count
     */
    long checkpoints();

    /**
     * How long all of these took.
     *
     * @return a sum
     */
    Duration checkpointTime();

    /**
     * Compactions and checkpoints that were due and have failed, for want of room say; the log says why.
     *
     * @return a count
     */
    long maintenanceFailures();
}
