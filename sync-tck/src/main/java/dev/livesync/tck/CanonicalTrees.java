package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.Chunker;
import dev.livesync.car.Events;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.car.TreeNodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Canonical trees, built from nothing every time. */
final class CanonicalTrees {
    private static final long MAX_NODE = 65_536;

    private CanonicalTrees() {}

    /** What leaves and branches differ in. */
    private interface Kind<E, N> {
        boolean cuts(E entry);

        boolean isTooLarge(List<E> entries);

        N make(List<E> entries, boolean closed);
    }

    /** The nodes, level by level from the root; none for no documents. */
    static List<Block> of(SortedMap<String, Event> documents) {
        return of(entries(documents), MAX_NODE);
    }

    static List<LeafEntry> entries(SortedMap<String, Event> documents) {
        List<LeafEntry> entries = new ArrayList<>();
        documents.forEach((key, event) -> entries.add(new LeafEntry(key, Events.encodedValue(event))));
        return entries;
    }

    static List<Block> of(List<LeafEntry> entries, long maxNode) {
        if (entries.isEmpty()) {
            return List.of();
        }
        Chunker chunker = new Chunker();
        List<? extends TreeNode> level = cut(entries, leaves(chunker, maxNode));
        List<List<? extends TreeNode>> fromLeaves = new ArrayList<>(List.of(level));
        while (level.size() > 1) {
            List<BranchEntry> children = new ArrayList<>();
            level.forEach(node -> children.add(new BranchEntry(node.firstKey(), node.cid())));
            level = cut(children, branches(chunker, fromLeaves.size(), maxNode));
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

    /** A branch above leaves, in the order of its keys. */
    static Block branch(Map<String, Cid> children) {
        List<BranchEntry> entries = new ArrayList<>();
        new TreeMap<>(children).forEach((key, child) -> entries.add(new BranchEntry(key, child)));
        return TreeNodes.branch(1, entries, false).block();
    }

    private static Kind<LeafEntry, TreeNode> leaves(Chunker chunker, long maxNode) {
        return new Kind<>() {
            @Override
            public boolean cuts(LeafEntry entry) {
                return chunker.cuts(entry);
            }

            @Override
            public boolean isTooLarge(List<LeafEntry> entries) {
                long bytes = entries.stream().mapToLong(LeafEntry::encodedSize).sum();
                return entries.size() > 1 && TreeNodes.leafSize(entries.size(), bytes) > maxNode;
            }

            @Override
            public TreeNode make(List<LeafEntry> entries, boolean closed) {
                return TreeNodes.leaf(entries, closed);
            }
        };
    }

    private static Kind<BranchEntry, TreeNode> branches(Chunker chunker, long height, long maxNode) {
        return new Kind<>() {
            @Override
            public boolean cuts(BranchEntry entry) {
                return chunker.cuts(entry);
            }

            @Override
            public boolean isTooLarge(List<BranchEntry> entries) {
                long bytes =
                        entries.stream().mapToLong(BranchEntry::encodedSize).sum();
                return entries.size() > 2 && TreeNodes.branchSize(height, entries.size(), bytes) > maxNode;
            }

            @Override
            public TreeNode make(List<BranchEntry> entries, boolean closed) {
                return TreeNodes.branch(height, entries, closed);
            }
        };
    }

    private static <E, N> List<N> cut(List<E> entries, Kind<E, N> kind) {
        List<N> nodes = new ArrayList<>();
        List<E> open = new ArrayList<>();
        for (E entry : entries) {
            open.add(entry);
            if (kind.isTooLarge(open)) {
                nodes.add(kind.make(List.copyOf(open.subList(0, open.size() - 1)), false));
                open = new ArrayList<>(List.of(entry));
            }
            if (kind.cuts(entry)) {
                nodes.add(kind.make(List.copyOf(open), true));
                open.clear();
            }
        }
        if (!open.isEmpty()) {
            nodes.add(kind.make(open, false));
        }
        return nodes;
    }
}
