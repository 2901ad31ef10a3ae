package dev.livesync.it.alpha;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.Keys;
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
import java.util.SortedMap;
import java.util.TreeMap;

/** The definitions of the merge, word for word and slow: the judge between an alpha and LiveSync, and of how keys were decided. */
final class Definitions {
    private final Map<Cid, Event> events;
    private final Map<Cid, Set<Cid>> ancestors = new HashMap<>();
    private final Map<Cid, SortedMap<String, Event>> after = new HashMap<>();
    /** Keys with two or more concurrent candidates that the weight, or the CID, has decided so far. */
    int byWeight;

    int byCid;

    Definitions(Map<Cid, Event> events) {
        this.events = events;
    }

    Set<Cid> ancestors(Cid cid) {
        Set<Cid> known = ancestors.get(cid);
        if (known == null) {
            known = new HashSet<>();
            Deque<Cid> todo = new ArrayDeque<>(events.get(cid).parents());
            while (!todo.isEmpty()) {
                Cid next = todo.pop();
                if (known.add(next)) {
                    todo.addAll(events.get(next).parents());
                }
            }
            ancestors.put(cid, known);
        }
        return known;
    }

    boolean isRedundant(Collection<Cid> clock) {
        return maximal(clock).size() < clock.size();
    }

    private List<Cid> maximal(Collection<Cid> clock) {
        Set<Cid> below = new HashSet<>();
        clock.forEach(c -> below.addAll(ancestors(c)));
        return clock.stream().filter(c -> !below.contains(c)).sorted().toList();
    }

    SortedMap<String, Event> after(Cid cid) {
        SortedMap<String, Event> known = after.get(cid);
        if (known == null) {
            Event event = events.get(cid);
            known = new TreeMap<>(at(event.parents()));
            apply(known, event);
            after.put(cid, known);
        }
        return known;
    }

    private static void apply(SortedMap<String, Event> documents, Event event) {
        if (event.type() == Event.Type.PUT) {
            documents.put(event.key(), event);
        } else {
            documents.remove(event.key());
        }
    }

    private List<Cid> chain(Cid cid) {
        List<Cid> chain = new ArrayList<>();
        for (Cid c = cid; c != null; c = nca(maximal(events.get(c).parents()))) {
            chain.add(c);
        }
        return chain;
    }

    private Cid nca(List<Cid> clock) {
        Set<Cid> common = null;
        for (Cid cid : clock) {
            Set<Cid> chain = new LinkedHashSet<>(chain(cid));
            if (common == null) {
                common = chain;
            } else {
                common.retainAll(chain);
            }
        }
        return common == null || common.isEmpty() ? null : common.iterator().next();
    }

    SortedMap<String, Event> at(Collection<Cid> clock) {
        List<Cid> heads = maximal(clock);
        if (heads.isEmpty()) {
            return new TreeMap<>();
        }
        if (heads.size() == 1) {
            return after(heads.get(0));
        }
        Cid base = nca(heads);
        SortedMap<String, Event> documents = base == null ? new TreeMap<>() : new TreeMap<>(after(base));
        Map<Cid, Long> paths = new HashMap<>();
        Map<Cid, Long> weight = new HashMap<>();
        heads.forEach(h -> walk(h, base, 0, paths, weight));
        Map<String, List<Cid>> byKey = new TreeMap<>();
        weight.keySet()
                .forEach(c -> byKey.computeIfAbsent(events.get(c).key(), k -> new ArrayList<>())
                        .add(c));
        byKey.forEach((key, cids) -> {
            List<Cid> candidates = maximal(cids);
            Cid best = candidates.get(0);
            for (Cid c : candidates) {
                int order = weight.get(c).compareTo(weight.get(best));
                if (order < 0 || order == 0 && c.compareTo(best) > 0) {
                    best = c;
                }
            }
            if (candidates.size() > 1) {
                long least = weight.get(best);
                if (candidates.stream().filter(c -> weight.get(c) == least).count() > 1) {
                    byCid++;
                } else {
                    byWeight++;
                }
            }
            apply(documents, events.get(best));
        });
        return documents;
    }

    /** Every path, one by one: the sum of its lengths is the weight. */
    private void walk(Cid cid, Cid base, long depth, Map<Cid, Long> paths, Map<Cid, Long> weight) {
        paths.merge(cid, 1L, Long::sum);
        weight.merge(cid, depth, Long::sum);
        for (Cid parent : maximal(events.get(cid).parents())) {
            if (!parent.equals(base)) {
                walk(parent, base, depth + 1, paths, weight);
            }
        }
    }

    static SortedMap<String, String> plain(SortedMap<String, Event> documents) {
        SortedMap<String, String> plain = new TreeMap<>();
        documents.forEach((key, event) -> plain.put(
                Keys.toId(key),
                ((dev.livesync.api.Value.Text) ((dev.livesync.api.Value.Mapping) event.value())
                                .entries()
                                .get("v"))
                        .value()));
        return plain;
    }
}
