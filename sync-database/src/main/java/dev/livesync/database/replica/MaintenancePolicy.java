package dev.livesync.database.replica;

/** Decides when it is worth while to compact or to write a checkpoint. Any thread; what it remembers is only a hint. */
final class MaintenancePolicy {
    private final long segmentBytes;
    private final boolean checkpoints;
    /** Content when the last checkpoint was written. */
    private volatile long checkpointed;
    /** Dead or alive, until there is more than this nobody looks. */
    private volatile long postponed;

    MaintenancePolicy(Settings settings, long checkpointed) {
        this.segmentBytes = settings.segmentBytes();
        this.checkpoints = settings.checkpoints();
        this.checkpointed = checkpointed;
    }

    /** What may be dead: nodes, and what was given up. */
    private static long doubtful(ReadView view) {
        return view.nodeBytes + view.evictedBytes;
    }

    /** So much was superseded or given up that a compaction pays: as much as a quarter of all else. */
    boolean compactionIsDue(ReadView view) {
        long more = doubtful(view) - Math.max(view.usedNodeBytes, postponed);
        return more > segmentBytes / 4 && more > view.usedNodeBytes / 2 && more > (view.bytes() - view.nodeBytes) / 4;
    }

    /** After a kill, all that follows the last checkpoint is read again. */
    boolean checkpointIsDue(ReadView view) {
        long more = Math.abs(view.bytes() - checkpointed);
        return checkpoints && more > segmentBytes && more > view.bytes() / 2;
    }

    /** At an orderly end: opening is to take no longer than a few hundredths of reading everything. */
    boolean isWorthACheckpoint(ReadView view) {
        long more = Math.abs(view.bytes() - checkpointed);
        return checkpoints && more > segmentBytes / 256 && more > view.bytes() / 64;
    }

    void checkpointed(ReadView view) {
        checkpointed = view.bytes();
    }

    /** What was tried failed; not again until there is more to gain. */
    void postpone(ReadView view) {
        postponed = doubtful(view);
        checkpointed = view.bytes();
    }
}
