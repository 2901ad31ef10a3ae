package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who comes before whom, with the set of all ancestors of every event: slow and plain. */
final class Ancestry {
    private final Map<Cid, Event> events;
    private final Map<Cid, Set<Cid>> ancestors = new HashMap<>();

    /** An ancestry over events whose ancestors are all in the map wherever they are asked about. */
    Ancestry(Map<Cid, Event> events) {
        this.events = events;
    }

    Event event(Cid cid) {
        Event event = events.get(cid);
        if (event == null) {
            throw new IllegalStateException("the oracle lacks event " + cid);
        }
        return event;
    }

    Set<Cid> of(Cid cid) {
        Set<Cid> known = ancestors.get(cid);
        if (known == null) {
            known = new HashSet<>();
            Deque<Cid> todo = new ArrayDeque<>(event(cid).parents());
            while (!todo.isEmpty()) {
                Cid next = todo.pop();
                if (known.add(next)) {
                    todo.addAll(event(next).parents());
                }
            }
            ancestors.put(cid, known);
        }
        return known;
    }

    /** Those that are no ancestors of others of them, in text order. */
    List<Cid> maximal(Collection<Cid> cids) {
        Set<Cid> below = new HashSet<>();
        cids.forEach(c -> below.addAll(of(c)));
        return cids.stream().distinct().filter(c -> !below.contains(c)).sorted().toList();
    }

    /** These with all their ancestors. */
    Set<Cid> closure(Collection<Cid> cids) {
        Set<Cid> closure = new HashSet<>(cids);
        cids.forEach(c -> closure.addAll(of(c)));
        return closure;
    }

    /** These in an order in which parents come first, and a chain stays in one piece where it can. */
    List<Cid> causal(Collection<Cid> cids) {
        Set<Cid> wanted = new HashSet<>(cids);
        Set<Cid> done = new LinkedHashSet<>();
        for (Cid top : maximal(cids)) {
            Deque<Cid> path = new ArrayDeque<>(List.of(top));
            while (!path.isEmpty()) {
                Cid last = path.getLast();
                List<Cid> next = new ArrayList<>(event(last).parents());
                next.removeIf(p -> !wanted.contains(p) || done.contains(p));
                if (next.isEmpty()) {
                    done.add(path.removeLast());
                } else {
                    path.addLast(next.get(0));
                }
            }
        }
        return List.copyOf(done);
    }
}
