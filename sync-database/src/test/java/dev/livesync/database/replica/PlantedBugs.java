package dev.livesync.database.replica;

import dev.livesync.database.disk.Disk;
import dev.livesync.database.log.BlockStore;
import dev.livesync.database.log.CommitQueue;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.log.Transaction;
import java.io.IOException;
import java.util.BitSet;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Replicas with one mistake each, to see whether tests would find it. */
public final class PlantedBugs {
    private PlantedBugs() {}

    /** Whoever waits for the disk waits for the commit before his own. */
    public static ReplicaParts acknowledgesBeforeTheForce() {
        return new ReplicaParts() {
            @Override
            protected <P> CommitQueue<P> queue(SegmentLog log, BlockStore store, CommitQueue.Listener<P> listener) {
                return new CommitQueue<>(log, store, listener) {
                    private Ticket<P> before;

                    @Override
                    public void await(Ticket<P> ticket) {
                        super.await(before);
                        before = ticket;
                    }
                };
            }
        };
    }

    /** Readers see a commit as soon as it is worked out. */
    public static ReplicaParts publishesHeadsBeforeBlocks() {
        return new ReplicaParts() {
            @Override
            protected <P> CommitQueue<P> queue(SegmentLog log, BlockStore store, CommitQueue.Listener<P> listener) {
                return new CommitQueue<>(log, store, publication -> {}) {
                    @Override
                    public Ticket<P> add(Transaction transaction, Supplier<P> publication) {
                        Ticket<P> ticket = super.add(transaction, publication);
                        listener.durable(ticket.publication());
                        return ticket;
                    }
                };
            }
        };
    }

    /** What a crash has left of the last record stays, and the next one comes after it. */
    public static ReplicaParts forgetsTheTornTail() {
        return new ReplicaParts() {
            @Override
            protected SegmentLog log(Disk disk, long segmentBytes, RandomGenerator random) throws IOException {
                return SegmentLog.open(disk, segmentBytes, random, (file, at, size) -> size);
            }
        };
    }

    /** One node of a tree that is in use is taken for dead. */
    public static ReplicaParts compactsALiveBlock() {
        return new ReplicaParts() {
            @Override
            Liveness liveness(MaintenanceView moment, int recentEvents) {
                return new Liveness(moment, recentEvents) {
                    @Override
                    BitSet used(MaintenanceView now) {
                        BitSet used = super.used(now);
                        if (!used.isEmpty()) {
                            used.clear(used.length() - 1);
                        }
                        return used;
                    }
                };
            }
        };
    }
}
