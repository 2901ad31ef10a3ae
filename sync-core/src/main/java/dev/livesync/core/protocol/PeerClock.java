package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.ClockDigest;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the peer's heads: those that it states in diffs and acks, and the events that it has sent since. Without acks, the
 * events that we send count as if they had arrived.
 */
final class PeerClock {
    /** The most heads that are tracked. With more, nothing is known of the clock until the peer states its heads again. */
    private static final int MAX = 50_000;

    private final Set<Cid> heads = new HashSet<>();
    private boolean known;
    /** The digest of a clock whose heads were not listed. */
    private @Nullable ClockDigest whole;
    /** Our clock that was last compared with that digest. */
    private @Nullable List<Cid> compared;

    private boolean same;

    void stated(Collection<Cid> clock) {
        heads.clear();
        heads.addAll(clock);
        known = true;
        whole = null;
    }

    void stated(ClockDigest clock) {
        heads.clear();
        known = false;
        whole = clock;
        compared = null;
    }

    /** Advances the clock by events that the peer has, parents first. */
    void moved(List<Event> events) {
        if (!events.isEmpty()) {
            whole = null;
        }
        if (!known) {
            return;
        }
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            // What the next one takes the place of need not be put there: most events come in chains.
            if (i + 1 == events.size() || !events.get(i + 1).parents().contains(event.cid())) {
                heads.add(event.cid());
            }
            event.parents().forEach(heads::remove);
        }
        if (heads.size() > MAX) {
            heads.clear();
            known = false;
        }
    }

    /**
     * Whether the peer's heads are ours. What was said may be older than what was known before, so besides our heads there
     * may be events that they descend from; such an event is one that is complete here and no head.
     */
    boolean equal(List<Cid> ours, Replica replica) {
        if (whole != null) {
            return whole.heads() == ours.size() && isWhole(whole, ours);
        }
        if (!known || !heads.containsAll(ours)) {
            return false;
        }
        if (heads.size() == ours.size()) {
            return true;
        }
        try (Snapshot snapshot = replica.snapshot()) {
            if (!snapshot.heads().equals(ours)) {
                return false;
            }
            for (Cid head : heads) {
                if (!snapshot.isComplete(head)) {
                    return false;
                }
            }
        }
        heads.retainAll(ours);
        return true;
    }

    private boolean isWhole(ClockDigest digest, List<Cid> ours) {
        if (compared != ours) {
            compared = ours;
            same = ClockDigest.of(ours).equals(digest);
        }
        return same;
    }
}
