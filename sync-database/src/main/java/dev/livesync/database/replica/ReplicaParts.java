package dev.livesync.database.replica;

import dev.livesync.database.disk.Disk;
import dev.livesync.database.log.BlockStore;
import dev.livesync.database.log.CommitQueue;
import dev.livesync.database.log.SegmentLog;
import java.io.IOException;
import java.util.random.RandomGenerator;

/** Creates the parts of a replica. Tests replace one by a defective one and check that the defect is found. */
public class ReplicaParts {
    /** The real parts. */
    public static final ReplicaParts REAL = new ReplicaParts();

    /** For subclasses, which replace some parts. */
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
     * Creates the queue of commits.
     *
     * @param log where they are written
     * @param store learns of their blocks
     * @param listener learns what is durable
     * @param <P> what is published then
     * @return the queue
     */
    protected <P> CommitQueue<P> queue(SegmentLog log, BlockStore store, CommitQueue.Listener<P> listener) {
        return new CommitQueue<>(log, store, listener);
    }

    /** Computes what a compaction must keep. */
    Liveness liveness(MaintenanceView moment, int recentEvents) {
        return new Liveness(moment, recentEvents);
    }
}
