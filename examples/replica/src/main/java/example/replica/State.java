package example.replica;

import dev.livesync.api.*;
import dev.livesync.api.replica.*;
import java.util.*;

/** All that is stored at one moment. It is changed by the commit that makes it and never again. */
final class State {
    final History history;
    final Map<Cid, Block> blocks; // in the order of writing
    final Map<Cid, Event> pending; // in the order of arrival
    final Map<Cid, Origin> origins; // of all events
    final Map<Cid, Event> complete;
    final List<List<Cid>> feed; // batches

    State() {
        history = new History();
        blocks = new LinkedHashMap<>();
        pending = new LinkedHashMap<>();
        origins = new HashMap<>();
        complete = new LinkedHashMap<>();
        feed = new ArrayList<>();
    }

    State(State before) {
        history = before.history;
        blocks = new LinkedHashMap<>(before.blocks);
        pending = new LinkedHashMap<>(before.pending);
        origins = new HashMap<>(before.origins);
        complete = new LinkedHashMap<>(before.complete);
        feed = new ArrayList<>(before.feed);
    }

    List<Cid> heads() { return history.maximal(complete.keySet()); }

    /** Stores, and says what became complete. */
    List<Cid> add(List<Block> others, List<Event> events, Origin origin) {
        others.forEach(block -> blocks.putIfAbsent(block.cid(), block));
        for (Event event : events) {
            blocks.putIfAbsent(event.cid(), event.block());
            if (!complete.containsKey(event.cid()) && pending.putIfAbsent(event.cid(), event) == null) {
                origins.put(event.cid(), origin);
            }
        }
        Set<Cid> whole = whole();
        List<Cid> accepted = new ArrayList<>();
        for (Cid end : history.causal(whole.stream())) {
            if (!history.isInterior(end)) {
                List<Cid> batch = history.causal(whole.stream()
                        .filter(cid -> cid.equals(end) || history.ancestors(end).contains(cid))
                        .filter(pending::containsKey));
                batch.forEach(cid -> complete.put(cid, pending.remove(cid)));
                feed.add(batch);
                accepted.addAll(batch);
            }
        }
        return accepted;
    }

    /** The pending events all of whose ancestors are here. */
    private Set<Cid> whole() {
        Set<Cid> whole = new HashSet<>();
        for (int before = -1; before < whole.size(); ) {
            before = whole.size();
            for (Event event : pending.values()) {
                if (!whole.contains(event.cid())
                        && event.parents().stream().allMatch(p -> complete.containsKey(p) || whole.contains(p))) {
                    history.add(event);
                    whole.add(event.cid());
                }
            }
        }
        return whole;
    }

    /** Refuses a commit that leaves too much pending, and gives up the oldest where the peer has too much. */
    void keepQuota(List<Event> events, String peer, long quota) {
        long own = bytes(events.stream().map(Event::cid).distinct().filter(pending::containsKey).toList());
        if (own > quota) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED,
                    own + " bytes of pending events are over the quota of " + quota + "; send their ancestors first");
        }
        List<Cid> peers = pending.keySet().stream().filter(cid -> origins.get(cid).peer().equals(peer)).toList();
        long all = bytes(peers);
        for (Iterator<Cid> oldest = peers.iterator(); all > quota; ) {
            Cid cid = oldest.next();
            all -= blocks.remove(cid).size();
            pending.remove(cid);
            origins.remove(cid);
        }
    }

    private long bytes(List<Cid> cids) { return cids.stream().mapToLong(cid -> blocks.get(cid).size()).sum(); }

    /** The absent ancestors of some pending events. */
    List<Cid> missing(List<Cid> waiting) {
        Set<Cid> missing = new LinkedHashSet<>();
        Set<Cid> seen = new HashSet<>(waiting);
        for (Deque<Cid> todo = new ArrayDeque<>(waiting); !todo.isEmpty(); ) {
            for (Cid parent : pending.get(todo.pop()).parents()) {
                if (pending.containsKey(parent)) {
                    if (seen.add(parent)) {
                        todo.push(parent);
                    }
                } else if (!complete.containsKey(parent)) {
                    missing.add(parent);
                }
            }
        }
        return List.copyOf(missing);
    }
}
