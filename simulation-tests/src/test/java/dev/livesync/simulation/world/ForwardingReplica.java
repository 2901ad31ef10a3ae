package dev.livesync.simulation.world;

import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.Broadcast;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import java.util.Optional;

/** Hands on whatever it is asked. */
class ForwardingReplica implements Replica {
    private final Replica real;

    ForwardingReplica(Replica real) {
        this.real = real;
    }

    @Override
    public Snapshot snapshot() {
        return real.snapshot();
    }

    @Override
    public CommitResult commit(Commit commit) {
        return real.commit(commit);
    }

    @Override
    public Changes changes(Cursor after, int maxEvents) {
        return real.changes(after, maxEvents);
    }

    @Override
    public Subscription onChange(Runnable wakeUp) {
        return real.onChange(wakeUp);
    }

    @Override
    public Optional<BlockExchange> blocks() {
        return real.blocks();
    }

    @Override
    public Optional<Broadcast> broadcast() {
        return real.broadcast();
    }

    @Override
    public Optional<PeerFrontiers> peerFrontiers() {
        return real.peerFrontiers();
    }
}
