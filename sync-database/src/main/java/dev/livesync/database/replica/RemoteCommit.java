package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.car.Events;
import dev.livesync.database.log.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The part of a session's commit that is not here yet. Changes nothing until {@link #apply}. */
final class RemoteCommit {
    private final WriterState writer;
    private final Commit commit;
    private final Settings settings;
    private final Map<Cid, Event> events;
    private final List<Cid> promoted = new ArrayList<>();
    /** The new blocks: first those that aren't events, then the events. */
    private final List<Transaction.Entry> blocks = new ArrayList<>();

    private List<Transaction.Accepted> accepted = List.of();

    RemoteCommit(WriterState writer, Commit commit, Settings settings) {
        this.writer = writer;
        this.commit = commit;
        this.settings = settings;
        this.events = new LinkedHashMap<>(2 * commit.events().size());
        List<Transaction.Entry> stored = new ArrayList<>(commit.events().size());
        for (Event e : commit.events()) {
            boolean present = writer.stored(e.cid()) >= 0;
            if (present && writer.isKnownEvent(e.cid()) || events.putIfAbsent(e.cid(), e) != null) {
                continue;
            }
            if (present) {
                promoted.add(e.cid());
            } else {
                stored.add(new Transaction.Entry(e.block(), true));
            }
        }
        Set<Cid> seen = new HashSet<>();
        for (Block b : commit.blocks()) {
            if (writer.stored(b.cid()) < 0 && !events.containsKey(b.cid()) && seen.add(b.cid())) {
                blocks.add(new Transaction.Entry(b, false));
            }
        }
        blocks.addAll(stored);
    }

    boolean bringsNothing() {
        return blocks.isEmpty() && events.isEmpty();
    }

    /** Checks the limits, as far as possible without changing anything. */
    void requireWithinLimits() {
        long cost = 0;
        for (Event e : events.values()) {
            // A document is no larger than its block.
            int size = e.block().size() > settings.limits().documentBytes() && e.type() == Event.Type.PUT
                    ? Events.encodedValue(e).size()
                    : 0;
            if (size > settings.limits().documentBytes()) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        "event " + e.cid() + ": a document of " + size + " bytes is over the limit of "
                                + settings.limits().documentBytes());
            }
            cost += PendingEvent.cost(e);
        }
        if (cost > settings.pendingBytesPerPeer()) {
            requireQuota(costOfIncomplete());
        }
        requireFewHeads();
        requireFewOrphans();
    }

    /**
     * Refuses more heads than one peer may have. An event that others of this commit build upon isn't counted; whether the rest are
     * complete doesn't matter.
     */
    private void requireFewHeads() {
        String peer = commit.origin().peer();
        HeadQuota quota = writer.quota;
        if (peer.isEmpty() || quota.of(peer) + events.size() <= settings.headsPerPeer()) {
            return;
        }
        Set<Cid> parents = new HashSet<>();
        events.values().forEach(e -> parents.addAll(e.parents()));
        long left = quota.of(peer);
        for (Cid parent : parents) {
            int index = writer.graph.indexOf(parent);
            left -= index >= 0 && quota.owner(index).equals(peer) ? 1 : 0;
            left = index >= 0 && quota.isMerge(index) ? Long.MIN_VALUE / 2 : left; // that covers all that came before
        }
        long heads = Math.max(0, left)
                + events.keySet().stream().filter(e -> !parents.contains(e)).count();
        if (heads > settings.headsPerPeer()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "peer " + peer + " would leave " + heads + " concurrent events here, over the limit of "
                            + settings.headsPerPeer()
                            + " for one peer (headsPerPeer); any write there merges them, and nothing of these was stored");
        }
    }

    /** Refuses more blocks that belong to no event than one peer may have here. */
    private void requireFewOrphans() {
        String peer = commit.origin().peer();
        long cost = 0;
        Map<Cid, Block> orphans = new HashMap<>();
        for (Transaction.Entry e : blocks) {
            if (!e.event()) {
                cost += Orphans.cost(e.block().size());
                orphans.put(e.block().cid(), e.block());
            }
        }
        if (peer.isEmpty() || cost <= settings.pendingBytesPerPeer()) {
            return;
        }
        Orphans rest = new Orphans();
        orphans.forEach((cid, block) -> rest.add(cid, block.size(), peer, 0));
        commit.events().forEach(e -> rest.claim(e.root(), orphans::get));
        long left = orphans.values().stream()
                .filter(b -> rest.contains(b.cid()))
                .mapToLong(b -> Orphans.cost(b.size()))
                .sum();
        if (left > settings.pendingBytesPerPeer()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "peer " + peer + " sent blocks that belong to no event; they would take " + left
                            + " bytes, over the limit of " + settings.pendingBytesPerPeer()
                            + " for one peer (pendingBytesPerPeer), and nothing of this was stored");
        }
    }

    /** Records the new blocks that belong to no event here. */
    private void noteOrphans(long time) {
        String peer = commit.origin().peer();
        promoted.forEach(writer.orphans::remove);
        Map<Cid, Block> fresh = new HashMap<>();
        for (Transaction.Entry e : blocks) {
            if (!e.event() && !peer.isEmpty()) {
                fresh.put(e.block().cid(), e.block());
                writer.orphans.add(e.block().cid(), e.block().size(), peer, time);
            }
        }
        for (Event e : commit.events()) {
            writer.orphans.claim(e.root(), cid -> {
                Block block = fresh.get(cid);
                int number = block == null ? writer.stored(cid) : -1;
                return number < 0 ? block : writer.store.block(number);
            });
        }
    }

    private void requireQuota(long cost) {
        if (cost > settings.pendingBytesPerPeer()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "events that wait for others would take " + cost + " bytes, over the limit of "
                            + settings.pendingBytesPerPeer() + " for one peer");
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
                PendingEvent p = writer.pending.get(parent);
                if (p == null ? writer.graph.indexOf(parent) < 0 : !p.ready) {
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
            for (PendingEvent child : writer.pending.children(cid)) {
                if (blocked.merge(child.cid, child.blocked - 1, (left, ignored) -> left - 1) == 0) {
                    ready.add(child.cid);
                }
            }
        }
        return costOf(events.keySet()) - costOf(withAncestors(complete));
    }

    private boolean mayClose(Cid cid) {
        Event e = events.get(cid);
        PendingEvent p = writer.pending.get(cid);
        return e != null && (e.root() != null || e.type() == Event.Type.DELETE)
                || p != null && (p.root != null || p.delete);
    }

    /** Some events and all their ancestors that are new or pending. */
    private Set<Cid> withAncestors(ArrayDeque<Cid> todo) {
        Set<Cid> found = new HashSet<>();
        for (Cid cid = todo.poll(); cid != null; cid = todo.poll()) {
            Event e = events.get(cid);
            PendingEvent p = writer.pending.get(cid);
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

    /** Adds what is new to the writer state. */
    Transaction apply() {
        long time = settings.clock().millis();
        EventAcceptance acceptance = new EventAcceptance(writer, 0);
        for (Event e : events.values()) {
            acceptance.arrive(new PendingEvent(e, commit.origin(), time, false));
        }
        acceptance.finish();
        accepted = acceptance.accepted();
        // Again, now that it is certain which deletes left nothing. This late it costs the replica a fresh start.
        requireQuota(costOfPending());
        noteOrphans(time);
        long bornBefore = time - settings.pendingMaxAge().toMillis();
        List<Cid> evicted = writer.pending.excess(bornBefore, settings.pendingBytesPerPeer(), events.keySet());
        evicted.addAll(writer.orphans.excess(bornBefore, settings.pendingBytesPerPeer()));
        writer.giveUp(evicted);
        return new Transaction(time, false, commit.origin().peer(), evicted, promoted, blocks, accepted, null);
    }

    private long costOfPending() {
        if (writer.pending.size() == 0) {
            return 0;
        }
        return events.values().stream()
                .filter(e -> writer.pending.contains(e.cid()))
                .mapToLong(PendingEvent::cost)
                .sum();
    }

    /** The events that became complete, in causal order. */
    List<Cid> accepted() {
        return accepted.stream().map(Transaction.Accepted::event).toList();
    }

    /** Those events of the commit that are not complete after it. */
    List<Cid> pending() {
        if (writer.pending.size() == 0) {
            return List.of();
        }
        return commit.events().stream()
                .map(Event::cid)
                .distinct()
                .filter(writer.pending::contains)
                .toList();
    }
}
