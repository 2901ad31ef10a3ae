package dev.livesync.tck;

/** The embedded database in memory. */
class MemoryDatabaseReplicaTest extends ReplicaTck {
    @Override
    protected ReplicaStore newStore() {
        return DatabaseStore.inMemory();
    }
}
