package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a replica remembers of the peer of one session: nothing, where one of the two can't be remembered. */
final class PeerMemory {
    private final Optional<PeerFrontiers> frontiers;
    private final OptionalLong instance;
    private final String name;

    PeerMemory(Replica replica, OptionalLong instance, String name) {
        this.frontiers = replica.peerFrontiers();
        this.instance = instance;
        this.name = name;
    }

    /** The clock that the peer had, if all of it is still here. */
    List<Cid> recall(Snapshot snapshot) {
        if (frontiers.isEmpty() || instance.isEmpty()) {
            return List.of();
        }
        List<Cid> heads = frontiers.get().frontier(instance.getAsLong());
        boolean here = heads.size() <= PeerFrontiers.MOST_HEADS
                && heads.stream().allMatch(head -> snapshot.isComplete(head) && !snapshot.isInterior(head));
        return here ? heads : List.of();
    }

    /** Called when the peer has a clock. */
    void remember(List<Cid> heads) {
        if (frontiers.isPresent()
                && instance.isPresent()
                && !heads.isEmpty()
                && heads.size() <= PeerFrontiers.MOST_HEADS) {
            frontiers.get().remember(instance.getAsLong(), name, heads);
        }
    }
}
