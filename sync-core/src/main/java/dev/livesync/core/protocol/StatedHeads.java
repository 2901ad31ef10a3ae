package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The clock that the peer has stated last, until all of it is complete here: then it says which events of ours the peer has, however little both
 * agree otherwise. A peer that writes all the time states events that come here a moment later.
 */
final class StatedHeads {
    private @Nullable List<Cid> waiting;
    private boolean look;

    /** Takes a clock that the peer has stated; a long one says nothing, since nobody would remember it. */
    void stated(Collection<Cid> clock) {
        waiting = clock.isEmpty() || clock.size() > PeerFrontiers.MOST_HEADS
                ? null
                : clock.stream().distinct().sorted().toList();
        look = true;
    }

    /** Called when more may be here. */
    void changed() {
        look = true;
    }

    /** Forgets it: better is known. */
    void drop() {
        waiting = null;
    }

    /** Takes the clock, if all of it is complete here. */
    @Nullable
    List<Cid> takeIfHere(Replica replica) {
        List<Cid> clock = waiting;
        if (clock == null || !look) {
            return null;
        }
        look = false;
        try (Snapshot snapshot = replica.snapshot()) {
            for (Cid head : clock) {
                if (!snapshot.isComplete(head)) {
                    return null;
                }
            }
        }
        waiting = null;
        return clock;
    }
}
