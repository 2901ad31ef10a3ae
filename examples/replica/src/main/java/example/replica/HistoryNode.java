package example.replica;

import dev.livesync.api.*;
import java.util.*;
import java.util.function.Predicate;

/** An event all of whose ancestors are stored, and its place in the history. It never changes: only its ancestors decide on it. */
final class HistoryNode {
    final Event event;
    final Cid cid;
    final List<HistoryNode> parents; // those that count: none is an ancestor of another
    final HistoryNode up; // the nearest event but this that every way down passes, or null
    final int height; // the length of the longest way down, so more than any ancestor's
    final boolean interior;

    HistoryNode(Event event, Collection<HistoryNode> named) {
        this.event = event;
        cid = event.cid();
        parents = maximal(named);
        up = commonAncestor(parents);
        height = 1 + parents.stream().mapToInt(p -> p.height).max().orElse(0);
        interior = event.root() == null && !Merge.documents(List.of(this)).isEmpty();
    }

    /** Those that are no ancestor of another. */
    static List<HistoryNode> maximal(Collection<HistoryNode> nodes) {
        int least = nodes.stream().mapToInt(n -> n.height).min().orElse(0);
        List<HistoryNode> parents = nodes.stream().flatMap(n -> n.parents.stream()).toList();
        Set<HistoryNode> ancestors = nodes.size() < 2 ? Set.of() : withAncestors(parents, n -> n.height >= least);
        return nodes.stream().distinct().filter(n -> !ancestors.contains(n)).toList();
    }

    /** These, and what one can reach by steps down to nodes of some kind. */
    static Set<HistoryNode> withAncestors(Collection<HistoryNode> nodes, Predicate<HistoryNode> kind) {
        Set<HistoryNode> reached = new HashSet<>(nodes);
        Deque<HistoryNode> todo = new ArrayDeque<>(reached);
        while (!todo.isEmpty()) {
            for (HistoryNode parent : todo.pop().parents) {
                if (kind.test(parent) && reached.add(parent)) {
                    todo.push(parent);
                }
            }
        }
        return reached;
    }

    /** The last event that dominates all of these, or null. */
    static HistoryNode commonAncestor(Collection<HistoryNode> nodes) {
        Iterator<HistoryNode> rest = nodes.iterator();
        HistoryNode common = rest.hasNext() ? rest.next() : null;
        while (rest.hasNext()) {
            HistoryNode other = rest.next();
            while (common != other && common != null && other != null) {
                if (common.height >= other.height) {
                    common = common.up;
                } else {
                    other = other.up;
                }
            }
            common = other == null ? null : common;
        }
        return common;
    }
}
