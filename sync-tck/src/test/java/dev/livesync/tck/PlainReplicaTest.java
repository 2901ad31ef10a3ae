package dev.livesync.tck;

/** A replica that shares nothing with the embedded database: the kit asks for the contract, not for that. */
class PlainReplicaTest extends ReplicaTck {
    @Override
    protected ReplicaStore newStore() {
        return new PlainStore();
    }
}
