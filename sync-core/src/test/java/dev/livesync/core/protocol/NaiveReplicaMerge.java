package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.car.Keys;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The definitions of the merge, word for word, with sets of all ancestors: slow, short and independent. */
public final class NaiveReplicaMerge {
    private final Map<Cid, Event> events;
    private final Map<Cid, Set<Cid>> ancestors = new HashMap<>();
    private final Map<Cid, SortedMap<String, Event>> after = new HashMap<>();
    private final Map<Cid, Cid> up = new HashMap<>();
    private final Set<Cid> upKnown = new HashSet<>();

    /** A merge over events that are all closed under ancestors where they are asked about. */
    public NaiveReplicaMerge(Map<Cid, Event> events) {
        this.events = events;
    }

    public SortedMap<String, Value> documents(Collection<Cid> heads) {
        SortedMap<String, Value> documents = new TreeMap<>();
        merge(heads).forEach((key, event) -> documents.put(Keys.toId(key), event.value()));
        return documents;
    }

    /** M(H): by key, the put that holds. */
    SortedMap<String, Event> at(Collection<Cid> heads) {
        return merge(heads);
    }

    /** T(e): by key, the put that holds. */
    SortedMap<String, Event> after(Cid cid) {
        SortedMap<String, Event> known = after.get(cid);
        if (known != null) {
            return known;
        }
        // Ancestors first, so that the recursion is flat; along a chain one map is moved on.
        List<Cid> order = causal(Set.of(cid), after.keySet());
        Map<Cid, Integer> children = new HashMap<>();
        order.forEach(c -> events.get(c).parents().forEach(p -> children.merge(p, 1, Integer::sum)));
        Map<Cid, SortedMap<String, Event>> moving = new HashMap<>();
        SortedMap<String, Event> documents = new TreeMap<>();
        for (Cid each : order) {
            Event event = events.get(each);
            List<Cid> parents = maximal(event.parents());
            SortedMap<String, Event> before = parents.size() == 1 ? moving.remove(parents.get(0)) : null;
            documents = before != null ? before : new TreeMap<>(merge(parents));
            apply(documents, event);
            if (children.getOrDefault(each, 0) == 1) {
                moving.put(each, documents);
            } else {
                after.put(each, documents);
            }
        }
        after.put(cid, documents);
        return documents;
    }

    Set<Cid> ancestors(Cid cid) {
        Set<Cid> known = ancestors.get(cid);
        if (known != null) {
            return known;
        }
        Set<Cid> found = new HashSet<>();
        Deque<Cid> todo = new ArrayDeque<>(events.get(cid).parents());
        while (!todo.isEmpty()) {
            Cid next = todo.pop();
            if (found.add(next)) {
                todo.addAll(events.get(next).parents());
            }
        }
        ancestors.put(cid, found);
        return found;
    }

    List<Cid> maximal(Collection<Cid> cids) {
        if (cids.size() < 2) {
            return List.copyOf(cids);
        }
        Set<Cid> below = new HashSet<>();
        cids.forEach(c -> below.addAll(ancestors(c)));
        return cids.stream().filter(c -> !below.contains(c)).distinct().sorted().toList();
    }

    private static void apply(SortedMap<String, Event> documents, Event event) {
        if (event.type() == Event.Type.PUT) {
            documents.put(event.key(), event);
        } else {
            documents.remove(event.key());
        }
    }

    /** The last event that all ways from these to the beginning pass; null if there is none. */
    public @Nullable Cid commonAncestor(Collection<Cid> cids) {
        return nca(List.copyOf(cids));
    }

    private @Nullable Cid up(Cid cid) {
        if (upKnown.add(cid)) {
            List<Cid> parents = maximal(events.get(cid).parents());
            up.put(cid, parents.isEmpty() ? null : parents.size() == 1 ? parents.get(0) : nca(parents));
        }
        return up.get(cid);
    }

    private @Nullable Cid nca(List<Cid> cids) {
        Set<Cid> common = null;
        for (Cid cid : cids) {
            Set<Cid> chain = new LinkedHashSet<>();
            for (Cid c = cid; c != null; c = up(c)) {
                chain.add(c);
            }
            if (common == null) {
                common = chain;
            } else {
                common.retainAll(chain);
            }
        }
        return common == null || common.isEmpty() ? null : common.iterator().next();
    }

    private SortedMap<String, Event> merge(Collection<Cid> clock) {
        List<Cid> heads = maximal(clock);
        if (heads.isEmpty()) {
            return new TreeMap<>();
        }
        if (heads.size() == 1) {
            return after(heads.get(0));
        }
        Cid ancestor = nca(heads);
        SortedMap<String, Event> documents = ancestor == null ? new TreeMap<>() : new TreeMap<>(after(ancestor));
        Set<Cid> window = new HashSet<>(heads);
        heads.forEach(h -> window.addAll(ancestors(h)));
        if (ancestor != null) {
            window.remove(ancestor);
            window.removeAll(ancestors(ancestor));
        }
        List<Cid> descending = new ArrayList<>(causal(window, Set.of()));
        java.util.Collections.reverse(descending);
        descending.retainAll(window);
        Map<Cid, Long> n = new HashMap<>();
        Map<Cid, Long> d = new HashMap<>();
        heads.forEach(h -> {
            n.put(h, 1L);
            d.put(h, 0L);
        });
        for (Cid x : descending) {
            for (Cid p : maximal(events.get(x).parents())) {
                if (!p.equals(ancestor)) {
                    n.merge(p, n.get(x), NaiveReplicaMerge::add);
                    d.merge(p, add(d.get(x), n.get(x)), NaiveReplicaMerge::add);
                }
            }
        }
        Map<String, List<Cid>> byKey = new HashMap<>();
        window.forEach(c -> byKey.computeIfAbsent(events.get(c).key(), k -> new ArrayList<>())
                .add(c));
        byKey.forEach((key, cids) -> {
            Cid winner = maximal(cids).stream()
                    .min(Comparator.comparing((Cid c) -> d.get(c)).thenComparing(Comparator.reverseOrder()))
                    .orElseThrow();
            apply(documents, events.get(winner));
        });
        return documents;
    }

    private static long add(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    /** These and their ancestors, parents first, not past some. */
    private List<Cid> causal(Collection<Cid> cids, Set<Cid> stop) {
        Set<Cid> opened = new HashSet<>();
        Set<Cid> done = new LinkedHashSet<>();
        Deque<Cid> todo = new ArrayDeque<>(cids);
        while (!todo.isEmpty()) {
            Cid cid = todo.peek();
            if (done.contains(cid) || stop.contains(cid)) {
                todo.pop();
            } else if (opened.add(cid)) {
                events.get(cid).parents().forEach(todo::push);
            } else {
                todo.pop();
                done.add(cid);
            }
        }
        return List.copyOf(done);
    }
}
