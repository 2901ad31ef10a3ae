package dev.livesync.database.replica;

/** Decides when a compaction or a checkpoint is due. Any thread; its fields are only hints. */
final class MaintenancePolicy {
    private final long segmentBytes;
    private final boolean checkpoints;
    /** The size of the content when the last checkpoint was written. */
    private volatile long checkpointed;
    /** No compaction is due before there are more bytes than this that may be dead. */
    private volatile long postponed;

    MaintenancePolicy(Settings settings, long checkpointed) {
        this.segmentBytes = settings.segmentBytes();
        this.checkpoints = settings.checkpoints();
        this.checkpointed = checkpointed;
    }

    /** The bytes that may be dead: tree nodes, and blocks that were given up. */
    private static long doubtful(StoredView view) {
        return view.nodeBytes + view.evictedBytes;
    }

    /** Whether a compaction pays: superseded and given-up blocks amount to a quarter of the rest. */
    boolean compactionIsDue(StoredView view) {
        long more = doubtful(view) - Math.max(view.usedNodeBytes, postponed);
        return more > segmentBytes / 4 && more > view.usedNodeBytes / 2 && more > (view.bytes() - view.nodeBytes) / 4;
    }

    /** Whether so much follows the last checkpoint that reading it after a kill would take too long. */
    boolean checkpointIsDue(StoredView view) {
        long more = Math.abs(view.bytes() - checkpointed);
        return checkpoints && more > segmentBytes && more > view.bytes() / 2;
    }

    /** Whether a checkpoint pays at an orderly end: opening shouldn't take longer than a few hundredths of reading everything. */
    boolean isWorthACheckpoint(StoredView view) {
        long more = Math.abs(view.bytes() - checkpointed);
        return checkpoints && more > segmentBytes / 256 && more > view.bytes() / 64;
    }

    void checkpointed(StoredView view) {
        checkpointed = view.bytes();
    }

    /** Called when an attempt failed: the next one is due only when there is more to gain. */
    void postpone(StoredView view) {
        postponed = doubtful(view);
        checkpointed = view.bytes();
    }
}
