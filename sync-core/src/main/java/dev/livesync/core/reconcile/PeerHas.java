package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a peer has of a snapshot. What it lacks are the snapshot's events since the frontier, without those that it has.
 *
 * @param frontier complete events of the snapshot that the peer has with all their ancestors; none is interior
 * @param has whether the peer has an event of those since the frontier; means nothing for others
 */
public record PeerHas(List<Cid> frontier, Predicate<Cid> has) {
    /** Copies the frontier. */
    public PeerHas {
        frontier = List.copyOf(frontier);
    }
}
