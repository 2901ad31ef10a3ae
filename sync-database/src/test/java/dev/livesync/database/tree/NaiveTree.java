package dev.livesync.database.tree;

import dev.livesync.api.Cid;
import dev.livesync.car.Chunker;
import dev.livesync.car.Encoded;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.car.TreeNodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** The canonical tree as its definition reads: whole levels as lists, every node of each, sizes taken from nodes that were really made. */
final class NaiveTree {
    private static final Chunker CHUNKER = new Chunker();

    final List<List<TreeNode>> levels = new ArrayList<>();

    NaiveTree(SortedMap<String, Encoded> entries) {
        if (entries.isEmpty()) {
            return;
        }
        List<TreeNode> nodes = new ArrayList<>();
        List<LeafEntry> open = new ArrayList<>();
        for (Map.Entry<String, Encoded> e : entries.entrySet()) {
            LeafEntry entry = new LeafEntry(e.getKey(), e.getValue());
            List<LeafEntry> longer = new ArrayList<>(open);
            longer.add(entry);
            // Making a node for every entry takes long; below 50,000 bytes the answer is known.
            int bytes = longer.stream().mapToInt(LeafEntry::encodedSize).sum();
            if (!open.isEmpty()
                    && bytes > 50_000
                    && TreeNodes.leaf(longer, false).block().size() > 65_536) {
                nodes.add(TreeNodes.leaf(open, false));
                longer = List.of(entry);
            }
            open = longer;
            if (CHUNKER.cuts(entry)) {
                nodes.add(TreeNodes.leaf(open, true));
                open = new ArrayList<>();
            }
        }
        if (!open.isEmpty()) {
            nodes.add(TreeNodes.leaf(open, false));
        }
        levels.add(nodes);
        while (nodes.size() > 1) {
            nodes = above(nodes, levels.size());
            levels.add(nodes);
        }
    }

    private static List<TreeNode> above(List<TreeNode> children, int distance) {
        List<TreeNode> nodes = new ArrayList<>();
        List<BranchEntry> open = new ArrayList<>();
        for (TreeNode child : children) {
            BranchEntry entry = new BranchEntry(child.firstKey(), child.cid());
            List<BranchEntry> longer = new ArrayList<>(open);
            longer.add(entry);
            int bytes = longer.stream().mapToInt(BranchEntry::encodedSize).sum();
            if (open.size() > 1
                    && bytes > 50_000
                    && TreeNodes.branch(distance, longer, false).block().size() > 65_536) {
                nodes.add(TreeNodes.branch(distance, open, false));
                longer = List.of(entry);
            }
            open = longer;
            if (CHUNKER.cuts(entry)) {
                nodes.add(TreeNodes.branch(distance, open, true));
                open = new ArrayList<>();
            }
        }
        if (!open.isEmpty()) {
            nodes.add(TreeNodes.branch(distance, open, false));
        }
        return nodes;
    }

    Cid root() {
        return levels.isEmpty() ? null : levels.get(levels.size() - 1).get(0).cid();
    }

    /** Root first, then the levels from the leaves up. */
    List<Cid> inOrderOfWriting() {
        List<Cid> result = new ArrayList<>();
        if (!levels.isEmpty()) {
            result.add(root());
            for (List<TreeNode> level : levels.subList(0, levels.size() - 1)) {
                level.forEach(n -> result.add(n.cid()));
            }
        }
        return result;
    }
}
