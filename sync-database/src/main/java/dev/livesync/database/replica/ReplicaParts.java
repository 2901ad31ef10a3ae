package dev.livesync.database.replica;

import dev.livesync.database.disk.Disk;
import dev.livesync.database.log.BlockStore;
import dev.livesync.database.log.CommitQueue;
import dev.livesync.database.log.SegmentLog;
import java.io.IOException;
import java.util.random.RandomGenerator;

/** What a replica is put together from; tests plant bugs in one part and see whether they are found. */
public class ReplicaParts {
    /** The parts as they should be. */
    public static final ReplicaParts REAL = new ReplicaParts();

    /** Nothing but the defaults. */
    protected ReplicaParts() {}

    /**
     * Opens the log.
     *
     * @param disk where
     * @param segmentBytes size of a file
     * @param random identities and salts
     * @return the log
     * @throws IOException if the disk refuses
     */
    protected SegmentLog log(Disk disk, long segmentBytes, RandomGenerator random) throws IOException {
        return SegmentLog.open(disk, segmentBytes, random);
    }

    /**
     * Makes the queue of commits.
     *
     * @param log where they go
     * @param store learns of their blocks
     * @param listener learns what is durable
     * @param <P> what is published then
     * @return the queue
     */
    protected <P> CommitQueue<P> queue(SegmentLog log, BlockStore store, CommitQueue.Listener<P> listener) {
        return new CommitQueue<>(log, store, listener);
    }

    /** Finds out what a compaction must keep. */
    Liveness liveness(MaintenanceView moment, int recentEvents) {
        return new Liveness(moment, recentEvents);
    }
}
