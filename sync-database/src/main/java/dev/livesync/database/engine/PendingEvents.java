package dev.livesync.database.engine;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Origin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The stored events that are not complete, by CID, by what they wait for, and by peer in the order of arrival. Guarded by the
 * engine's lock.
 */
final class PendingEvents {
    private final Predicate<Cid> complete;
    private final Map<Cid, PendingEvent> events = new HashMap<>();
    /** By parent, whether that is here or not. */
    private final Map<Cid, List<PendingEvent>> children = new HashMap<>();

    private final Map<String, Peer> peers = new HashMap<>();
    /** Ready deletes without a tree of which nobody could say yet whether they leave nothing. */
    private final Set<PendingEvent> unjudged = new LinkedHashSet<>();

    /** Pending events looked at so far, for whatever reason: lets tests see the cost. */
    private long steps;

    private static final class Peer {
        final LinkedHashMap<Cid, PendingEvent> oldestFirst = new LinkedHashMap<>();
        long cost;
    }

    PendingEvents(Predicate<Cid> complete) {
        this.complete = complete;
    }

    int size() {
        return events.size();
    }

    /** How many pending events were looked at so far. */
    long steps() {
        return steps;
    }

    /** Some were looked at. */
    void counted(long more) {
        steps += more;
    }

    @Nullable
    PendingEvent get(Cid cid) {
        return events.get(cid);
    }

    boolean contains(Cid cid) {
        return events.containsKey(cid);
    }

    /** Adds an event; it is not {@linkplain #settle looked at} yet. */
    void add(PendingEvent e) {
        events.put(e.cid, e);
        Peer peer = peers.computeIfAbsent(e.origin.peer(), p -> new Peer());
        peer.oldestFirst.put(e.cid, e);
        peer.cost += e.cost;
        link(e);
    }

    private void link(PendingEvent e) {
        steps++;
        e.blocked = 0;
        for (Cid parent : e.parents) {
            if (!complete.test(parent)) {
                children.computeIfAbsent(parent, p -> new ArrayList<>(1)).add(e);
                PendingEvent p = events.get(parent);
                e.blocked += p != null && p.ready ? 0 : 1;
            }
        }
    }

    /** Finds what is ready because of an event that waits for nothing more; each is handed out before its descendants. */
    void settle(PendingEvent from, Consumer<PendingEvent> ready) {
        if (from.ready || from.blocked > 0) {
            return;
        }
        ArrayDeque<PendingEvent> todo = new ArrayDeque<>();
        todo.add(from);
        for (PendingEvent e = todo.poll(); e != null; e = todo.poll()) {
            steps++;
            e.ready = true;
            // Taken first: an event that becomes complete now takes the list with it.
            List<PendingEvent> waiting = List.copyOf(children.getOrDefault(e.cid, List.of()));
            ready.accept(e);
            for (PendingEvent child : waiting) {
                if (--child.blocked == 0) {
                    todo.add(child);
                }
            }
        }
    }

    /** Has a ready event looked at again. */
    void postpone(PendingEvent e) {
        unjudged.add(e);
    }

    /** The ready events to look at again after something became complete. */
    List<PendingEvent> unjudged() {
        unjudged.removeIf(e -> !e.ready || events.get(e.cid) != e);
        return List.copyOf(unjudged);
    }

    /** Takes out an event that became complete, after its parents; its children know already that it is ready. */
    void complete(PendingEvent e) {
        e.accepted = true;
        forget(e);
        children.remove(e.cid);
    }

    private void forget(PendingEvent e) {
        events.remove(e.cid);
        Peer peer = peers.get(e.origin.peer());
        if (peer != null && peer.oldestFirst.remove(e.cid) != null) {
            peer.cost -= e.cost;
            if (peer.oldestFirst.isEmpty()) {
                peers.remove(e.origin.peer());
            }
        }
    }

    /** The events of every peer that are too old, and the oldest of one that keeps too much; never the newest ones. */
    List<Cid> excess(long bornBefore, long quota, Set<Cid> newest) {
        List<Cid> excess = new ArrayList<>();
        for (Map.Entry<String, Peer> entry : peers.entrySet()) {
            Peer peer = entry.getValue();
            if (entry.getKey().isEmpty()) {
                continue; // what a repair has left waiting is nobody's quota
            }
            long cost = peer.cost;
            for (PendingEvent e : peer.oldestFirst.values()) {
                if (e.time >= bornBefore && cost <= quota || newest.contains(e.cid)) {
                    break;
                }
                excess.add(e.cid);
                cost -= e.cost;
            }
        }
        return excess;
    }

    /** All of them, those of each peer in the order of arrival. */
    List<PendingEvent> all() {
        List<PendingEvent> all = new ArrayList<>(events.size());
        peers.values().forEach(peer -> all.addAll(peer.oldestFirst.values()));
        return all;
    }

    /** Makes all of them the database's own: they may have been complete, and are not given up. */
    void adopt() {
        Peer own = new Peer();
        for (PendingEvent e : all()) {
            e.origin = Origin.LOCAL;
            own.oldestFirst.put(e.cid, e);
            own.cost += e.cost;
        }
        peers.clear();
        if (!own.oldestFirst.isEmpty()) {
            peers.put(Origin.LOCAL.peer(), own);
        }
    }

    /** Whether some wait for an event. */
    boolean isAwaited(Cid event) {
        return children.containsKey(event);
    }

    /** Those that wait for an event to become ready. */
    List<PendingEvent> children(Cid parent) {
        return children.getOrDefault(parent, List.of());
    }

    /** Takes out events that are given up; what was ready because of them no longer is. */
    void remove(List<Cid> evicted) {
        if (evicted.isEmpty()) {
            return;
        }
        for (Cid cid : evicted) {
            PendingEvent e = events.get(cid);
            if (e != null) {
                forget(e);
            }
        }
        recompute();
    }

    /** Finds out afresh which events are ready, accepting none. */
    void recompute() {
        children.clear();
        events.values().forEach(e -> {
            e.ready = false;
            e.witness = null;
        });
        events.values().forEach(this::link);
        List.copyOf(events.values())
                .forEach(e -> settle(e, ready -> {
                    if (ready.root == null && ready.delete) {
                        postpone(ready);
                    }
                }));
    }

    /** The absent events that some pending ones wait for. */
    List<Cid> missing(List<Cid> pending) {
        Map<Cid, Boolean> seen = new LinkedHashMap<>();
        ArrayDeque<Cid> todo = new ArrayDeque<>(pending);
        for (Cid cid = todo.poll(); cid != null; cid = todo.poll()) {
            steps++;
            PendingEvent e = events.get(cid);
            if (e != null && !e.ready && seen.put(cid, false) == null) {
                todo.addAll(e.parents);
            } else if (e == null && !complete.test(cid)) {
                seen.put(cid, true);
            }
        }
        return seen.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .toList();
    }
}
