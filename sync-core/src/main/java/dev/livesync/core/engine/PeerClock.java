package dev.livesync.core.engine;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is known of the peer's heads: what it says in diffs and acks, moved on by what it sends. An alpha says nothing after
 * its diff, so there what we send counts as well, by the alpha's own rule: the parents of a root go, the root comes.
 */
final class PeerClock {
    /** More than a clock has, however unlucky; then it is given up until the peer says its heads again. */
    private static final int MAX = 50_000;

    private final Set<Cid> heads = new HashSet<>();
    private boolean known;

    void stated(Collection<Cid> clock) {
        heads.clear();
        heads.addAll(clock);
        known = true;
    }

    /** Events in causal order or not: those that are no parents of others are heads. */
    void moved(List<Event> events) {
        if (!known) {
            return;
        }
        for (Event event : events) {
            heads.add(event.cid());
        }
        for (Event event : events) {
            event.parents().forEach(heads::remove);
        }
        if (heads.size() > MAX) {
            heads.clear();
            known = false;
        }
    }

    boolean equal(List<Cid> ours) {
        return known && heads.size() == ours.size() && heads.containsAll(ours);
    }
}
