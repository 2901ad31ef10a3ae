package dev.livesync.database.tree;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.Leaf;
import dev.livesync.car.TreeNode.LeafEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Walks a foreign tree: all its documents in order of keys. Nothing is trusted: {@code distance} and {@code closed} are ignored, leaves may
 * lie at any depth, and boundaries may be anywhere. What has to hold is that keys ascend and that every node keeps within the range which
 * its parent gives it, for then a reader who looks up a key finds what this walk finds. The number of nodes is bounded, the depth is not:
 * the stack is on the heap.
 *
 * <p>One use, one thread at a time. {@link #hasNext} and {@link #next} throw {@link SyncException}: {@link ErrorKind#MALFORMED} naming the node
 * that breaks the order, {@link ErrorKind#LIMIT_EXCEEDED} beyond the bound, and what the reader throws. The walk cannot go on then.
 */
public final class TreeWalk implements Iterator<LeafEntry> {
    private final NodeReader reader;
    private final long maxNodes;
    private final Deque<Level> path = new ArrayDeque<>();
    private Iterator<LeafEntry> leaf = List.<LeafEntry>of().iterator();
    private long nodes;

    /** A branch on the way down: its children from {@code next} on are still to come, all below {@code end}. */
    private static final class Level {
        final List<BranchEntry> children;
        final @Nullable String end;
        int next;

        Level(List<BranchEntry> children, @Nullable String end) {
            this.children = children;
            this.end = end;
        }
    }

    /**
     * Starts a walk.
     *
     * @param reader gives the nodes
     * @param root the root, or null for no tree, which has no documents
     * @param maxNodes how many nodes are read at most
     */
    public TreeWalk(NodeReader reader, @Nullable Cid root, long maxNodes) {
        this.reader = reader;
        this.maxNodes = maxNodes;
        if (root != null) {
            enter(root, null, null);
        }
    }

    @Override
    public boolean hasNext() {
        while (!leaf.hasNext() && !path.isEmpty()) {
            Level level = path.element();
            if (level.next == level.children.size()) {
                path.remove();
            } else {
                BranchEntry child = level.children.get(level.next++);
                boolean isLast = level.next == level.children.size();
                enter(
                        child.child(),
                        child.key(),
                        isLast ? level.end : level.children.get(level.next).key());
            }
        }
        return leaf.hasNext();
    }

    @Override
    public LeafEntry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return leaf.next();
    }

    private void enter(Cid cid, @Nullable String from, @Nullable String end) {
        if (++nodes > maxNodes) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED, "tree of more than " + maxNodes + " nodes, read up to node " + cid);
        }
        TreeNode node = reader.read(cid);
        if (node instanceof Leaf l) {
            requireRange(
                    cid, l.firstKey(), l.entries().get(l.entries().size() - 1).key(), from, end);
            leaf = l.entries().iterator();
        } else if (node instanceof TreeNode.Branch b) {
            requireRange(
                    cid, b.firstKey(), b.entries().get(b.entries().size() - 1).key(), from, end);
            path.push(new Level(b.entries(), end));
        }
    }

    private static void requireRange(Cid cid, String first, String last, @Nullable String from, @Nullable String end) {
        if (from != null && first.compareTo(from) < 0 || end != null && last.compareTo(end) >= 0) {
            throw new SyncException(
                    ErrorKind.MALFORMED, "tree node " + cid + " has keys outside the range that its parent gives it");
        }
    }
}
