package example.replica;

import dev.livesync.api.*;
import java.util.*;
import java.util.function.Predicate;

/** An event all of whose ancestors are stored, and its place in the history. It never changes: only its ancestors decide on it. */
final class Node {
    final Event event;
    final Cid cid;
    final List<Node> parents; // those that count: none is an ancestor of another
    final Node up; // the nearest event but this that every way down passes, or null
    final int height; // the length of the longest way down, so more than any ancestor's
    final boolean interior;

    Node(Event event, Collection<Node> named) {
        this.event = event;
        cid = event.cid();
        parents = maximal(named);
        up = commonAncestor(parents);
        height = 1 + parents.stream().mapToInt(p -> p.height).max().orElse(0);
        interior = event.root() == null && !Merge.documents(List.of(this)).isEmpty();
    }

    /** Those that are no ancestor of another. */
    static List<Node> maximal(Collection<Node> nodes) {
        int least = nodes.stream().mapToInt(n -> n.height).min().orElse(0);
        List<Node> parents = nodes.stream().flatMap(n -> n.parents.stream()).toList();
        Set<Node> ancestors = nodes.size() < 2 ? Set.of() : withAncestors(parents, n -> n.height >= least);
        return nodes.stream().distinct().filter(n -> !ancestors.contains(n)).toList();
    }

    /** These, and what one can reach by steps down to nodes of some kind. */
    static Set<Node> withAncestors(Collection<Node> nodes, Predicate<Node> kind) {
        Set<Node> reached = new HashSet<>(nodes);
        Deque<Node> todo = new ArrayDeque<>(reached);
        while (!todo.isEmpty()) {
            for (Node parent : todo.pop().parents) {
                if (kind.test(parent) && reached.add(parent)) {
                    todo.push(parent);
                }
            }
        }
        return reached;
    }

    /** The last event that dominates all of these, or null. */
    static Node commonAncestor(Collection<Node> nodes) {
        Iterator<Node> rest = nodes.iterator();
        Node common = rest.hasNext() ? rest.next() : null;
        while (rest.hasNext()) {
            Node other = rest.next();
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
