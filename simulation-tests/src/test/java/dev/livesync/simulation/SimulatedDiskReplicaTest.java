package dev.livesync.simulation;

import dev.livesync.tck.ReplicaStore;
import dev.livesync.tck.ReplicaTck;

/** The embedded database on a disk that loses, at a crash, whatever it may. */
class SimulatedDiskReplicaTest extends ReplicaTck {
    private long seed;

    @Override
    protected ReplicaStore newStore() {
        return new SimulatedStore(seed++);
    }
}
