package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.car.Events;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What one commit of a peer's may bring: no document that is too large, few events that wait for others, few heads. Changes nothing. */
final class EventQuota {
    private final DerivedState derived;
    private final HeadQuota heads;
    private final Map<Cid, Event> events;
    private final String peer;
    private final QuotaLimits limits;

    /**
     * Of one commit.
     *
     * @param derived before it
     * @param heads those of all peers
     * @param events those that are new
     * @param peer who brings them; empty for the database's user
     */
    EventQuota(DerivedState derived, HeadQuota heads, Map<Cid, Event> events, String peer, QuotaLimits limits) {
        this.derived = derived;
        this.heads = heads;
        this.events = events;
        this.peer = peer;
        this.limits = limits;
    }

    /** Refuses what is over a limit, as far as that can be told before the events are taken. */
    void require() {
        long cost = 0;
        for (Event e : events.values()) {
            // A document is no larger than its block.
            int size = e.block().size() > limits.documentBytes() && e.type() == Event.Type.PUT
                    ? Events.encodedValue(e).size()
                    : 0;
            if (size > limits.documentBytes()) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        "event " + e.cid() + ": a document of " + size + " bytes is over the limit of "
                                + limits.documentBytes());
            }
            cost += PendingEvent.cost(e);
        }
        if (cost > limits.pendingBytesPerPeer()) {
            requireQuota(costOfIncomplete());
        }
        requireFewHeads();
    }

    /** Once they are taken: refuses those of them that wait, if they are over the limit. */
    void requireOfPending() {
        requireQuota(costOfPending());
    }

    /**
     * Refuses more heads than one peer may have. An event that others of this commit build upon isn't counted; whether the rest are
     * complete doesn't matter.
     */
    private void requireFewHeads() {
        if (peer.isEmpty() || heads.of(peer) + events.size() <= limits.headsPerPeer()) {
            return;
        }
        Set<Cid> parents = new HashSet<>();
        events.values().forEach(e -> parents.addAll(e.parents()));
        long left = heads.of(peer);
        for (Cid parent : parents) {
            int index = derived.graph.indexOf(parent);
            left -= index >= 0 && heads.owner(index).equals(peer) ? 1 : 0;
            left = index >= 0 && heads.isMerge(index) ? Long.MIN_VALUE / 2 : left; // that covers all that came before
        }
        long many = Math.max(0, left)
                + events.keySet().stream().filter(e -> !parents.contains(e)).count();
        if (many > limits.headsPerPeer()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "peer " + peer + " would leave " + many + " concurrent events here, over the limit of "
                            + limits.headsPerPeer()
                            + " for one peer (headsPerPeer); any write there merges them, and nothing of these was stored");
        }
    }

    private void requireQuota(long cost) {
        if (cost > limits.pendingBytesPerPeer()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "events that wait for others would take " + cost + " bytes, over the limit of "
                            + limits.pendingBytesPerPeer() + " for one peer");
        }
    }

    /** The quota of the new events that can't become complete, because an ancestor is absent or nothing here could end their batch. */
    private long costOfIncomplete() {
        Map<Cid, Integer> blocked = new HashMap<>();
        Map<Cid, List<Cid>> children = new HashMap<>();
        ArrayDeque<Cid> ready = new ArrayDeque<>();
        for (Event e : events.values()) {
            int count = 0;
            for (Cid parent : e.parents()) {
                PendingEvent p = derived.pending.get(parent);
                if (p == null ? derived.graph.indexOf(parent) < 0 : !p.ready) {
                    children.computeIfAbsent(parent, c -> new ArrayList<>()).add(e.cid());
                    count++;
                }
            }
            blocked.put(e.cid(), count);
            if (count == 0) {
                ready.add(e.cid());
            }
        }
        ArrayDeque<Cid> complete = new ArrayDeque<>();
        for (Cid cid = ready.poll(); cid != null; cid = ready.poll()) {
            if (mayClose(cid)) {
                complete.add(cid);
            }
            for (Cid child : children.getOrDefault(cid, List.of())) {
                if (blocked.merge(child, -1, Integer::sum) == 0) {
                    ready.add(child);
                }
            }
            for (PendingEvent child : derived.pending.children(cid)) {
                if (blocked.merge(child.cid, child.blocked - 1, (left, ignored) -> left - 1) == 0) {
                    ready.add(child.cid);
                }
            }
        }
        return costOf(events.keySet()) - costOf(withAncestors(complete));
    }

    private boolean mayClose(Cid cid) {
        Event e = events.get(cid);
        PendingEvent p = derived.pending.get(cid);
        return e != null && (e.root() != null || e.type() == Event.Type.DELETE)
                || p != null && (p.root != null || p.delete);
    }

    /** Some events and all their ancestors that are new or pending. */
    private Set<Cid> withAncestors(ArrayDeque<Cid> todo) {
        Set<Cid> found = new HashSet<>();
        for (Cid cid = todo.poll(); cid != null; cid = todo.poll()) {
            Event e = events.get(cid);
            PendingEvent p = derived.pending.get(cid);
            List<Cid> parents = e != null ? e.parents() : p != null ? p.parents : null;
            if (parents != null && found.add(cid)) {
                todo.addAll(parents);
            }
        }
        return found;
    }

    private long costOf(Set<Cid> cids) {
        return cids.stream()
                .map(events::get)
                .filter(Objects::nonNull)
                .mapToLong(PendingEvent::cost)
                .sum();
    }

    private long costOfPending() {
        if (derived.pending.size() == 0) {
            return 0;
        }
        return events.values().stream()
                .filter(e -> derived.pending.contains(e.cid()))
                .mapToLong(PendingEvent::cost)
                .sum();
    }
}
