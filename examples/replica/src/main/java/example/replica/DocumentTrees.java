package example.replica;

import dev.livesync.api.*;
import dev.livesync.api.replica.Tree;
import dev.livesync.car.*;
import dev.livesync.car.TreeNode.*;
import java.util.*;
import java.util.function.*;

/** Trees of documents: the canonical one, and those that other authors made. */
final class DocumentTrees {
    private static final int MOST_BYTES = 65_536;

    private DocumentTrees() {}

    static Tree canonical(SortedMap<String, Event> documents) {
        Chunker chunker = new Chunker();
        Deque<List<TreeNode>> levels = new ArrayDeque<>();
        levels.push(cut(entries(documents), 1, chunker::cuts, TreeNodes::leaf));
        while (levels.peek().size() > 1) {
            int distance = levels.size();
            var children = levels.peek().stream().map(n -> new BranchEntry(n.firstKey(), n.cid())).toList();
            levels.push(cut(children, 2, chunker::cuts, (list, closed) -> TreeNodes.branch(distance, list, closed)));
        }
        List<Block> blocks = levels.stream().flatMap(List::stream).map(TreeNode::block).toList();
        return new Tree(blocks.isEmpty() ? null : blocks.get(0).cid(), blocks.iterator());
    }

    private static List<LeafEntry> entries(SortedMap<String, Event> documents) {
        return documents.values().stream().map(e -> new LeafEntry(e.key(), Events.encodedValue(e))).toList();
    }

    private static <E> List<TreeNode> cut(
            List<E> entries, int least, Predicate<E> cuts, BiFunction<List<E>, Boolean, TreeNode> make) {
        List<TreeNode> nodes = new ArrayList<>();
        List<E> node = new ArrayList<>();
        for (E entry : entries) {
            node.add(entry);
            // TreeNodes.leafSize and branchSize tell the size without making the node.
            if (node.size() > least && make.apply(node, false).block().size() > MOST_BYTES) {
                nodes.add(make.apply(node.subList(0, node.size() - 1), false));
                node = new ArrayList<>(List.of(entry));
            }
            if (cuts.test(entry)) {
                nodes.add(make.apply(node, true));
                node = new ArrayList<>();
            }
        }
        if (!node.isEmpty()) {
            nodes.add(make.apply(node, false));
        }
        return nodes;
    }

    private record Step(Cid cid, String from, int level) {}

    /** The tree under a root, whatever its shape, if it is all stored, in order, and holds these documents; else null. */
    static Tree authors(Cid root, SortedMap<String, Event> documents, Map<Cid, Block> stored) {
        SortedMap<Integer, List<Block>> levels = new TreeMap<>();
        List<LeafEntry> found = new ArrayList<>();
        Set<Cid> seen = new HashSet<>();
        Deque<Step> todo = new ArrayDeque<>(List.of(new Step(root, "", 0)));
        try {
            while (!todo.isEmpty()) { // down before right: in the order of the keys
                Step step = todo.pop();
                Block block = stored.get(step.cid);
                TreeNode node = block == null || !seen.add(step.cid) ? null : TreeNodes.decode(block);
                String before = found.isEmpty() ? "" : found.get(found.size() - 1).key();
                if (node == null || before.compareTo(step.from) > 0 || step.from.compareTo(node.firstKey()) > 0) {
                    return null;
                }
                levels.computeIfAbsent(step.level, l -> new ArrayList<>()).add(block);
                if (node instanceof TreeNode.Leaf leaf) {
                    found.addAll(leaf.entries());
                } else if (node instanceof TreeNode.Branch branch) {
                    for (int i = branch.entries().size() - 1; i >= 0; i--) {
                        BranchEntry entry = branch.entries().get(i);
                        todo.push(new Step(entry.child(), entry.key(), step.level + 1));
                    }
                }
            }
        } catch (SyncException e) {
            return null; // one of the blocks is no node
        }
        Tree tree = new Tree(root, levels.values().stream().flatMap(List::stream).iterator());
        return found.equals(entries(documents)) ? tree : null;
    }
}
