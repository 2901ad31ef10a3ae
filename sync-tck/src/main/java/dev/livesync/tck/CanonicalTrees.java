package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Event;
import dev.livesync.car.Chunker;
import dev.livesync.car.Events;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.car.TreeNodes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** Canonical trees, built from nothing every time. Without the cap on a node's size: the kit's documents are small. */
final class CanonicalTrees {
    private CanonicalTrees() {}

    /** The nodes, level by level from the root; none for no documents. */
    static List<Block> of(SortedMap<String, Event> documents) {
        if (documents.isEmpty()) {
            return List.of();
        }
        Chunker chunker = new Chunker();
        List<LeafEntry> entries = new ArrayList<>();
        documents.forEach((key, event) -> entries.add(new LeafEntry(key, Events.encodedValue(event))));
        List<? extends TreeNode> level = cut(entries, chunker::cuts, TreeNodes::leaf);
        List<List<? extends TreeNode>> fromLeaves = new ArrayList<>(List.of(level));
        while (level.size() > 1) {
            long height = fromLeaves.size();
            List<BranchEntry> children = new ArrayList<>();
            level.forEach(node -> children.add(new BranchEntry(node.firstKey(), node.cid())));
            level = cut(children, chunker::cuts, (list, closed) -> TreeNodes.branch(height, list, closed));
            fromLeaves.add(level);
        }
        List<Block> nodes = new ArrayList<>();
        for (int i = fromLeaves.size() - 1; i >= 0; i--) {
            fromLeaves.get(i).forEach(node -> nodes.add(node.block()));
        }
        return nodes;
    }

    /** The same documents as no LiveSync peer would write them: a leaf for each, and a branch over them. */
    static List<Block> aLeafForEach(SortedMap<String, Event> documents) {
        List<TreeNode> leaves = new ArrayList<>();
        documents.forEach((key, event) ->
                leaves.add(TreeNodes.leaf(List.of(new LeafEntry(key, Events.encodedValue(event))), true)));
        List<BranchEntry> children = new ArrayList<>();
        leaves.forEach(leaf -> children.add(new BranchEntry(leaf.firstKey(), leaf.cid())));
        List<Block> nodes =
                new ArrayList<>(List.of(TreeNodes.branch(1, children, false).block()));
        leaves.forEach(leaf -> nodes.add(leaf.block()));
        return nodes;
    }

    private static <E, N> List<N> cut(List<E> entries, Predicate<E> cuts, BiFunction<List<E>, Boolean, N> make) {
        List<N> nodes = new ArrayList<>();
        List<E> open = new ArrayList<>();
        for (E entry : entries) {
            open.add(entry);
            if (cuts.test(entry)) {
                nodes.add(make.apply(List.copyOf(open), true));
                open.clear();
            }
        }
        if (!open.isEmpty()) {
            nodes.add(make.apply(open, false));
        }
        return nodes;
    }
}
