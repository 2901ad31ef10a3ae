package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The documents after events: the definitions of the merge, word for word, for the small histories of the kit. */
final class DocumentOracle {
    private final Ancestry ancestry;
    private final Map<Cid, SortedMap<String, Event>> after = new HashMap<>();
    private final Map<Cid, List<Cid>> chains = new HashMap<>();

    DocumentOracle(Ancestry ancestry) {
        this.ancestry = ancestry;
    }

    /** By key, the put that holds after an event. */
    SortedMap<String, Event> after(Cid cid) {
        if (!after.containsKey(cid)) {
            // Ancestors first, so that nothing recurses deeply.
            List<Cid> open = new ArrayList<>(ancestry.of(cid));
            open.add(cid);
            open.removeAll(after.keySet());
            for (Cid each : ancestry.causal(open)) {
                Event event = ancestry.event(each);
                SortedMap<String, Event> documents = new TreeMap<>(of(event.parents()));
                apply(documents, event);
                after.put(each, documents);
            }
        }
        return after.getOrDefault(cid, new TreeMap<>());
    }

    /** By key, the put that holds at a clock. */
    SortedMap<String, Event> of(Collection<Cid> clock) {
        List<Cid> heads = ancestry.maximal(clock);
        if (heads.isEmpty()) {
            return new TreeMap<>();
        }
        if (heads.size() == 1) {
            return after(heads.get(0));
        }
        Cid common = nearestCommon(heads);
        SortedMap<String, Event> documents = common == null ? new TreeMap<>() : new TreeMap<>(after(common));
        Set<Cid> window = ancestry.closure(heads);
        if (common != null) {
            window.removeAll(ancestry.closure(List.of(common)));
        }
        Map<Cid, Long> distance = distances(heads, window);
        Map<String, List<Cid>> byKey = new HashMap<>();
        window.forEach(c -> byKey.computeIfAbsent(ancestry.event(c).key(), k -> new ArrayList<>())
                .add(c));
        byKey.values()
                .forEach(cids -> ancestry.maximal(cids).stream()
                        .min(Comparator.comparing((Cid c) -> distance.getOrDefault(c, 0L))
                                .thenComparing(Comparator.reverseOrder()))
                        .ifPresent(winner -> apply(documents, ancestry.event(winner))));
        return documents;
    }

    /** The sum of the lengths of all paths from the heads, saturating. */
    private Map<Cid, Long> distances(List<Cid> heads, Set<Cid> window) {
        Map<Cid, Long> paths = new HashMap<>();
        Map<Cid, Long> lengths = new HashMap<>();
        heads.forEach(h -> paths.put(h, 1L));
        List<Cid> order = ancestry.causal(window);
        for (int i = order.size() - 1; i >= 0; i--) {
            Cid x = order.get(i);
            long count = paths.getOrDefault(x, 0L);
            long length = lengths.getOrDefault(x, 0L);
            for (Cid parent : ancestry.maximal(ancestry.event(x).parents())) {
                if (window.contains(parent)) {
                    paths.merge(parent, count, DocumentOracle::add);
                    lengths.merge(parent, add(length, count), DocumentOracle::add);
                }
            }
        }
        return lengths;
    }

    /** The last event that dominates all of some. */
    @Nullable
    Cid nearestCommon(List<Cid> events) {
        List<Cid> common = new ArrayList<>(chain(events.get(0)));
        events.forEach(e -> common.retainAll(new HashSet<>(chain(e))));
        return common.isEmpty() ? null : common.get(0);
    }

    /** An event, its dominator, that one's dominator, and so on. */
    private List<Cid> chain(Cid cid) {
        List<Cid> known = chains.get(cid);
        if (known == null) {
            Set<Cid> chain = new LinkedHashSet<>(List.of(cid));
            List<Cid> parents = ancestry.maximal(ancestry.event(cid).parents());
            Cid up = parents.isEmpty() ? null : nearestCommon(parents);
            if (up != null) {
                chain.addAll(chain(up));
            }
            known = List.copyOf(chain);
            chains.put(cid, known);
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

    private static long add(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
