package dev.livesync.database.tree;

import dev.livesync.api.Cid;
import dev.livesync.car.Chunker;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.LeafEntry;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Builds the canonical tree of entries that come in ascending order. Holds one unfinished node for each level and nothing else, however
 * many entries there are. One thread at a time.
 */
public final class TreeBuilder {
    private final NodeMaker<LeafEntry> leaves;
    private final UpperLevels upper;
    private @Nullable String last;

    /**
     * Starts a tree.
     *
     * @param sink takes every node as soon as it is finished: children before parents, the root last
     */
    public TreeBuilder(Consumer<? super TreeNode> sink) {
        Chunker chunker = new Chunker();
        upper = new UpperLevels(chunker, 0, sink);
        leaves = new NodeMaker<>(new NodeKind.Leaves(chunker), upper::add);
    }

    /**
     * Builds the tree of all entries.
     *
     * @param entries in strictly ascending order of keys
     * @param sink takes every node, children before parents, the root last
     * @return the root, or null if there are no entries
     */
    public static @Nullable Cid build(Iterator<LeafEntry> entries, Consumer<? super TreeNode> sink) {
        TreeBuilder builder = new TreeBuilder(sink);
        entries.forEachRemaining(builder::add);
        return builder.finish();
    }

    /**
     * Adds a document.
     *
     * @param entry its key, greater than all before, and its value
     * @throws IllegalArgumentException if the key is not greater
     */
    public void add(LeafEntry entry) {
        if (last != null && last.compareTo(entry.key()) >= 0) {
            throw new IllegalArgumentException("the entries of a tree ascend strictly");
        }
        last = entry.key();
        leaves.add(entry);
    }

    /**
     * Finishes the tree; nothing may be added afterwards.
     *
     * @return the root, or null if nothing was added
     */
    public @Nullable Cid finish() {
        leaves.end();
        TreeNode root = upper.finish();
        return root == null ? null : root.cid();
    }
}
