package dev.livesync.database.replica;

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
 * replica's lock.
 */
final class PendingEvents {
    /** How many steps back a search for absent events goes. */
    private static final int FEW_STEPS = 1_024;

    private static final int FEW_DEAD = 64;

    private final Predicate<Cid> complete;
    private final Map<Cid, PendingEvent> events = new HashMap<>();
    /** The pending children by parent, whether the parent is here or not. */
    private final Map<Cid, List<PendingEvent>> children = new HashMap<>();

    private final Map<String, Peer> peers = new HashMap<>();
    /** Ready deletes without a tree that can be checked now for whether they leave documents. */
    private Set<PendingEvent> due = new LinkedHashSet<>();
    /** The number of given-up events in the lists of children. */
    private int dead;

    /** How many pending events were visited so far: lets tests see the cost. */
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

    /** How many pending events were visited so far. */
    long steps() {
        return steps;
    }

    /** Counts visited events. */
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
        e.incomplete = 0;
        for (Cid parent : e.parents) {
            if (!complete.test(parent)) {
                children.computeIfAbsent(parent, p -> new ArrayList<>(1)).add(e);
                PendingEvent p = events.get(parent);
                e.incomplete++;
                e.blocked += p != null && p.ready ? 0 : 1;
            }
        }
    }

    /** Finds the events that become ready through an event that waits for nothing more; each is passed on before its descendants. */
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
            List<PendingEvent> waiting = children(e.cid);
            ready.accept(e);
            for (PendingEvent child : waiting) {
                if (--child.blocked == 0) {
                    todo.add(child);
                }
            }
        }
    }

    /** Schedules a ready event to be checked again when all parents of another one are complete. */
    void postpone(PendingEvent e, PendingEvent fork) {
        Set<PendingEvent> postponed = fork.postponed;
        if (postponed == null) {
            postponed = new LinkedHashSet<>();
            fork.postponed = postponed;
        }
        postponed.add(e);
    }

    /** The ready events to check again; each once. */
    List<PendingEvent> due() {
        if (due.isEmpty()) {
            return List.of();
        }
        Set<PendingEvent> now = due;
        due = new LinkedHashSet<>();
        return now.stream().filter(e -> e.ready && !e.accepted && !e.removed).toList();
    }

    /** Removes an event that became complete, after its parents; its children are known already to depend on a ready event. */
    void complete(PendingEvent e) {
        e.accepted = true;
        forget(e);
        for (PendingEvent child : children(e.cid)) {
            child.incomplete--;
            if (child.incomplete == 0 && child.postponed != null) {
                due.addAll(child.postponed);
                child.postponed = null;
            }
        }
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

    /** The events that are too old, and the oldest ones of each peer that exceeds its quota; never the newest ones. */
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

    /** Makes all events the database's own, so that none is given up: they may have been complete before a repair. */
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

    /** The children of an event that is not complete, as they are now. */
    List<PendingEvent> children(Cid parent) {
        List<PendingEvent> all = children.get(parent);
        return all == null ? List.of() : all.stream().filter(e -> !e.removed).toList();
    }

    /** Removes events that are given up; events that were ready because of them no longer are. */
    void remove(List<Cid> evicted) {
        List<PendingEvent> gone = new ArrayList<>();
        for (Cid cid : evicted) {
            PendingEvent e = events.get(cid);
            if (e != null) {
                forget(e);
                e.removed = true;
                dead += e.parents.size();
                gone.add(e);
            }
        }
        ArrayDeque<PendingEvent> todo = new ArrayDeque<>();
        for (PendingEvent e : gone) {
            if (e.ready) {
                todo.add(e);
            }
        }
        for (PendingEvent e = todo.poll(); e != null; e = todo.poll()) {
            steps++;
            e.ready = false;
            for (PendingEvent child : children(e.cid)) {
                child.blocked++;
                if (child.ready) {
                    todo.add(child);
                    child.ready = false;
                }
            }
        }
        if (dead > FEW_DEAD && dead > events.size()) {
            children.values().removeIf(list -> {
                list.removeIf(e -> e.removed);
                return list.isEmpty();
            });
            dead = 0;
        }
    }

    /** Recomputes which events are ready, accepting none. */
    void recompute() {
        children.clear();
        dead = 0;
        events.values().forEach(e -> e.ready = false);
        events.values().forEach(this::link);
        List.copyOf(events.values())
                .forEach(e -> settle(e, ready -> {
                    if (ready.root == null && ready.delete) {
                        due.add(ready);
                    }
                }));
    }

    /** The absent events that some pending ones wait for, within a few steps of each. */
    List<Cid> missing(List<Cid> pending) {
        long most = FEW_STEPS + 16L * pending.size();
        Map<Cid, Boolean> seen = new LinkedHashMap<>();
        ArrayDeque<Cid> todo = new ArrayDeque<>(pending);
        for (Cid cid = todo.poll(); cid != null && most > 0; cid = todo.poll(), most--) {
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
