package example.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What events mean: sections 2 and 3 of docs/merge.md. Of events all of whose ancestors are here nothing ever changes, so what was
 * found out once is kept, and any thread may ask.
 */
final class History {
    private final Map<Cid, Event> events = new ConcurrentHashMap<>();
    private final Map<Cid, Set<Cid>> ancestors = new ConcurrentHashMap<>();
    private final Map<Cid, Cid> up = new ConcurrentHashMap<>();
    private final Map<Cid, SortedMap<String, Event>> after = new ConcurrentHashMap<>();

    /** Takes in an event, whose ancestors must have been taken in before. */
    void add(Event event) {
        if (events.putIfAbsent(event.cid(), event) == null) {
            Set<Cid> all = new HashSet<>(event.parents());
            event.parents().forEach(parent -> all.addAll(ancestors.get(parent)));
            ancestors.put(event.cid(), all);
            Cid dominator = commonAncestor(parents(event.cid()));
            if (dominator != null) {
                up.put(event.cid(), dominator);
            }
            SortedMap<String, Event> documents = new TreeMap<>(documents(event.parents()));
            apply(documents, event);
            after.put(event.cid(), documents);
        }
    }

    Set<Cid> ancestors(Cid cid) { return ancestors.get(cid); }

    List<Cid> maximal(Collection<Cid> cids) {
        Set<Cid> below = new HashSet<>();
        cids.forEach(cid -> below.addAll(ancestors.get(cid)));
        return cids.stream().distinct().filter(cid -> !below.contains(cid)).sorted().toList();
    }

    /** P(e). */
    private List<Cid> parents(Cid cid) { return maximal(events.get(cid).parents()); }

    /** Parents first: an ancestor has fewer ancestors. */
    List<Cid> causal(Stream<Cid> cids) {
        return cids.sorted(Comparator.comparing((Cid cid) -> ancestors.get(cid).size()).thenComparing(cid -> cid)).toList();
    }

    boolean isInterior(Cid cid) {
        Event event = events.get(cid);
        return event.root() == null && (event.type() == Event.Type.PUT || !after.get(cid).isEmpty());
    }

    Cid commonAncestor(Collection<Cid> cids) {
        Set<Cid> common = null; // in the order of the chain, so the nearest first
        for (Cid cid : cids) {
            Set<Cid> chain = new LinkedHashSet<>();
            for (Cid at = cid; at != null; at = up.get(at)) {
                chain.add(at);
            }
            if (common == null) {
                common = chain;
            } else {
                common.retainAll(chain);
            }
        }
        return common == null || common.isEmpty() ? null : common.iterator().next();
    }

    /** T(e): by key, the put that holds. */
    SortedMap<String, Event> after(Cid cid) { return after.get(cid); }

    /** M(clock). */
    SortedMap<String, Event> documents(Collection<Cid> clock) {
        List<Cid> heads = maximal(clock);
        if (heads.size() < 2) {
            return heads.isEmpty() ? new TreeMap<>() : after.get(heads.get(0));
        }
        Cid base = commonAncestor(heads);
        SortedMap<String, Event> documents = base == null ? new TreeMap<>() : new TreeMap<>(after.get(base));
        Set<Cid> window = new HashSet<>(heads);
        heads.forEach(head -> window.addAll(ancestors.get(head)));
        if (base != null) {
            window.remove(base);
            window.removeAll(ancestors.get(base));
        }
        Map<Cid, Long> weights = weights(heads, window);
        Map<String, List<Cid>> byKey = new HashMap<>();
        window.forEach(cid -> byKey.computeIfAbsent(events.get(cid).key(), key -> new ArrayList<>()).add(cid));
        for (List<Cid> writes : byKey.values()) {
            Cid winner = Collections.min(maximal(writes),
                    Comparator.comparing((Cid cid) -> weights.get(cid)).thenComparing(Comparator.reverseOrder()));
            apply(documents, events.get(winner));
        }
        return documents;
    }

    private Map<Cid, Long> weights(List<Cid> heads, Set<Cid> window) {
        Map<Cid, Long> n = new HashMap<>();
        Map<Cid, Long> d = new HashMap<>();
        window.forEach(cid -> n.put(cid, heads.contains(cid) ? 1L : 0L));
        window.forEach(cid -> d.put(cid, 0L));
        List<Cid> childrenFirst = new ArrayList<>(causal(window.stream()));
        Collections.reverse(childrenFirst);
        for (Cid x : childrenFirst) {
            for (Cid p : parents(x)) {
                if (window.contains(p)) {
                    n.merge(p, n.get(x), History::add);
                    d.merge(p, add(d.get(x), n.get(x)), History::add);
                }
            }
        }
        return d;
    }

    private static long add(long a, long b) { return a + b < 0 ? Long.MAX_VALUE : a + b; }

    private static void apply(Map<String, Event> documents, Event event) {
        if (event.type() == Event.Type.PUT) {
            documents.put(event.key(), event);
        } else {
            documents.remove(event.key());
        }
    }
}
