package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.database.log.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    private final EventQuota quota;
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
        quota = new EventQuota(writer, writer.quota, events, commit.origin().peer(), QuotaLimits.of(settings));
    }

    boolean bringsNothing() {
        return blocks.isEmpty() && events.isEmpty();
    }

    /** Checks the limits, as far as possible without changing anything. */
    void requireWithinLimits() {
        quota.require();
        requireFewOrphans();
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
        quota.requireOfPending();
        noteOrphans(time);
        long bornBefore = time - settings.pendingMaxAge().toMillis();
        List<Cid> evicted = writer.pending.excess(bornBefore, settings.pendingBytesPerPeer(), events.keySet());
        evicted.addAll(writer.orphans.excess(bornBefore, settings.pendingBytesPerPeer()));
        writer.giveUp(evicted);
        return new Transaction(time, false, commit.origin().peer(), evicted, promoted, blocks, accepted, null);
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
