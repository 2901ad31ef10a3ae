package dev.livesync.database.tree;

import dev.livesync.car.Chunker;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Builds branches over the nodes of one level, from left to right, up to the first level that is a single node. */
final class UpperLevels {
    private final Chunker chunker;
    private final int lowest;
    private final Consumer<? super TreeNode> sink;
    private final List<Level> levels = new ArrayList<>();

    private static final class Level {
        @Nullable
        TreeNode only;
        /** Takes this level's nodes once there are two. */
        @Nullable
        NodeMaker<BranchEntry> above;
    }

    /**
     * Creates the levels above the lowest one.
     *
     * @param chunker cuts the branches
     * @param lowest the level of the nodes that will be given
     * @param sink takes the given nodes and the branches, children before parents, the root last
     */
    UpperLevels(Chunker chunker, int lowest, Consumer<? super TreeNode> sink) {
        this.chunker = chunker;
        this.lowest = lowest;
        this.sink = sink;
    }

    /** Takes the next node of the lowest level. */
    void add(TreeNode node) {
        made(0, node);
    }

    private void made(int i, TreeNode node) {
        sink.accept(node);
        if (i == levels.size()) {
            levels.add(new Level());
        }
        Level level = levels.get(i);
        NodeMaker<BranchEntry> above = level.above;
        if (above == null) {
            TreeNode first = level.only;
            if (first == null) {
                level.only = node;
                return;
            }
            above = new NodeMaker<>(new NodeKind.Branches(chunker, lowest + i + 1), n -> made(i + 1, n));
            level.above = above;
            level.only = null;
            above.add(new BranchEntry(first.firstKey(), first.cid()));
        }
        above.add(new BranchEntry(node.firstKey(), node.cid()));
    }

    /** Ends all levels and returns the root, or null if no node was given. */
    @Nullable
    TreeNode finish() {
        for (int i = 0; i < levels.size(); i++) {
            NodeMaker<BranchEntry> above = levels.get(i).above;
            if (above == null) {
                return levels.get(i).only;
            }
            above.end();
        }
        return null;
    }
}
