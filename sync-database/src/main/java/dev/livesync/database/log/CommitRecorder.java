package dev.livesync.database.log;

/** Records one commit, if somebody wants that. */
interface CommitRecorder {
    /** Called before a group is written. */
    void begun();

    /** Called when it is durable, or could not be made so. */
    void ended(int transactions, long bytes, long forceNanos, boolean durable);
}
