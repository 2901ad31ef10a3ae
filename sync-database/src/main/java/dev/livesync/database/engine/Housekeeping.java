package dev.livesync.database.engine;

/** Decides when it is worth while to compact or to write a checkpoint. Any thread; what it remembers is only a hint. */
final class Housekeeping {
    private final long segmentBytes;
    private final boolean checkpoints;
    /** Content when the last checkpoint was written. */
    private volatile long checkpointed;
    /** Dead or alive, until there is more than this nobody looks. */
    private volatile long postponed;

    Housekeeping(Settings settings, long checkpointed) {
        this.segmentBytes = settings.segmentBytes();
        this.checkpoints = settings.checkpoints();
        this.checkpointed = checkpointed;
    }

    /** What may be dead: nodes, and what was given up. */
    private static long doubtful(State state) {
        return state.nodeBytes + state.evictedBytes;
    }

    /** So much was superseded or given up that a compaction pays: as much as a quarter of all else. */
    boolean compactionIsDue(State state) {
        long more = doubtful(state) - Math.max(state.usedNodeBytes, postponed);
        return more > segmentBytes / 4
                && more > state.usedNodeBytes / 2
                && more > (state.bytes() - state.nodeBytes) / 4;
    }

    /** After a kill, all that follows the last checkpoint is read again. */
    boolean checkpointIsDue(State state) {
        long more = Math.abs(state.bytes() - checkpointed);
        return checkpoints && more > segmentBytes && more > state.bytes() / 2;
    }

    /** At an orderly end: opening is to take no longer than a few hundredths of reading everything. */
    boolean isWorthACheckpoint(State state) {
        long more = Math.abs(state.bytes() - checkpointed);
        return checkpoints && more > segmentBytes / 256 && more > state.bytes() / 64;
    }

    void checkpointed(State state) {
        checkpointed = state.bytes();
    }

    /** What was tried failed; not again until there is more to gain. */
    void postpone(State state) {
        postponed = doubtful(state);
        checkpointed = state.bytes();
    }
}
