package dev.livesync.core.protocol;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.Chunker;
import dev.livesync.car.Events;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNodes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Canonical trees built from scratch every time (without the cap on a node's size: documents of tests are small). */
final class NaiveReplicaTree {
    private NaiveReplicaTree() {}

    /** The nodes of the canonical tree, level by level from the root; empty for no documents. */
    static List<Block> build(SortedMap<String, Event> documents) {
        if (documents.isEmpty()) {
            return List.of();
        }
        Chunker chunker = new Chunker();
        List<TreeNode.LeafEntry> entries = new ArrayList<>();
        documents.forEach((key, event) -> entries.add(new TreeNode.LeafEntry(key, Events.encodedValue(event))));
        List<List<? extends TreeNode>> levels = new ArrayList<>();
        List<? extends TreeNode> level = cut(entries, chunker::cuts, TreeNodes::leaf);
        levels.add(level);
        for (long height = 1; level.size() > 1; height++) {
            long distance = height;
            List<TreeNode.BranchEntry> children = new ArrayList<>();
            level.forEach(node -> children.add(new TreeNode.BranchEntry(node.firstKey(), node.cid())));
            level = cut(children, chunker::cuts, (list, closed) -> TreeNodes.branch(distance, list, closed));
            levels.add(level);
        }
        List<Block> blocks = new ArrayList<>();
        for (int i = levels.size() - 1; i >= 0; i--) {
            levels.get(i).forEach(node -> blocks.add(node.block()));
        }
        return blocks;
    }

    /** The nodes of a stored tree, level by level; null if one is missing. */
    static @Nullable List<Block> stored(Cid root, Function<Cid, Block> blocks) {
        List<Block> found = new ArrayList<>();
        Set<Cid> seen = new HashSet<>();
        List<Cid> level = List.of(root);
        while (!level.isEmpty()) {
            List<Cid> below = new ArrayList<>();
            for (Cid cid : level) {
                Block block = blocks.apply(cid);
                if (block == null) {
                    return null;
                }
                if (seen.add(cid)) {
                    found.add(block);
                    if (TreeNodes.decode(block) instanceof TreeNode.Branch branch) {
                        branch.entries().forEach(e -> below.add(e.child()));
                    }
                }
            }
            level = below;
        }
        return found;
    }

    /** Whether a tree has exactly these documents. */
    static boolean holds(List<Block> nodes, SortedMap<String, Event> documents) {
        SortedMap<String, Object> found = new java.util.TreeMap<>();
        SortedMap<String, Object> expected = new java.util.TreeMap<>();
        documents.forEach((key, event) -> expected.put(key, Events.encodedValue(event)));
        for (Block node : nodes) {
            if (TreeNodes.decode(node) instanceof TreeNode.Leaf leaf) {
                leaf.entries().forEach(e -> found.put(e.key(), e.value()));
            }
        }
        return found.equals(expected);
    }

    /** As the alpha writes what an edit made: the root, then children before their parents. */
    static List<Block> writingOrder(List<Block> fromRoot, Map<Cid, Block> known) {
        List<Block> order = new ArrayList<>();
        for (int i = fromRoot.size() - 1; i >= 0; i--) {
            Block node = fromRoot.get(i);
            if (!known.containsKey(node.cid())) {
                order.add(i == 0 ? 0 : order.size(), node);
            }
        }
        return order;
    }

    private static <E, N> List<N> cut(List<E> entries, Predicate<E> cuts, BiFunction<List<E>, Boolean, N> make) {
        List<N> nodes = new ArrayList<>();
        List<E> node = new ArrayList<>();
        for (E entry : entries) {
            node.add(entry);
            if (cuts.test(entry)) {
                nodes.add(make.apply(List.copyOf(node), true));
                node.clear();
            }
        }
        if (!node.isEmpty()) {
            nodes.add(make.apply(node, false));
        }
        return nodes;
    }
}
