package example.replica;

import static java.util.Comparator.*;

import dev.livesync.api.Event;
import java.util.*;
import java.util.stream.Collectors;

/** Which documents there are at a clock. */
final class Merge {
    private Merge() {}

    /** The puts that hold, by key. Goes down from the clock: whatever is met first has the last word on its key. */
    static SortedMap<String, Event> documents(Collection<HistoryNode> clock) {
        SortedMap<String, Event> last = new TreeMap<>();
        List<HistoryNode> at = HistoryNode.maximal(clock);
        while (!at.isEmpty()) {
            if (at.size() == 1) {
                Event event = at.get(0).event;
                last.putIfAbsent(event.key(), event);
                at = at.get(0).parents;
            } else {
                HistoryNode base = HistoryNode.commonAncestor(at);
                merge(at, base, last);
                at = base == null ? List.of() : List.of(base);
            }
        }
        last.values().removeIf(e -> e.type() == Event.Type.DELETE);
        return last;
    }

    private static void merge(List<HistoryNode> heads, HistoryNode base, Map<String, Event> last) {
        // Every way down passes the base, so what is reached without it is no ancestor of it.
        List<HistoryNode> window = new ArrayList<>(HistoryNode.withAncestors(heads, n -> n != base));
        window.sort(comparingInt(n -> -n.height)); // children before parents
        Map<HistoryNode, Long> weights = weights(heads, window);
        Comparator<HistoryNode> order = comparing((HistoryNode n) -> weights.get(n)).thenComparing(n -> n.cid, reverseOrder());
        window.stream()
                .collect(Collectors.groupingBy(n -> n.event.key()))
                .forEach((key, nodes) -> last.putIfAbsent(key, HistoryNode.maximal(nodes).stream().min(order).get().event));
    }

    /** For each node, the sum of the lengths of all ways from the heads to it. */
    private static Map<HistoryNode, Long> weights(List<HistoryNode> heads, List<HistoryNode> window) {
        Map<HistoryNode, Long> ways = new HashMap<>();
        Map<HistoryNode, Long> lengths = new HashMap<>();
        window.forEach(n -> lengths.put(n, 0L));
        heads.forEach(n -> ways.put(n, 1L));
        for (HistoryNode node : window) {
            for (HistoryNode parent : node.parents) {
                ways.merge(parent, ways.get(node), Merge::sum);
                lengths.merge(parent, sum(lengths.get(node), ways.get(node)), Merge::sum);
            }
        }
        return lengths;
    }

    private static long sum(long a, long b) { // saturates
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
