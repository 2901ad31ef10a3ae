package example.replica;

import dev.livesync.api.replica.Replicated;
import dev.livesync.tck.ReplicaStore;
import dev.livesync.tck.ReplicaTck;

public class MemoryReplicaTest extends ReplicaTck {
    private static final long QUOTA = 1 << 18;

    @Override
    protected ReplicaStore newStore() {
        return new ReplicaStore() {
            private MemoryReplica replica;

            @Override public Replicated open() { return replica = new MemoryReplica(QUOTA); }

            @Override public void close() { replica.close(); }

            @Override public long pendingBytesPerPeer() { return QUOTA; }
        };
    }
}
