package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.database.tree.NodeReader;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says which nodes a tree has without reading all of it: a node can only lie on the way to its first key. Whatever is seen on
 * such a way is remembered, siblings too, so asking for neighbours costs nothing more. One thread at a time.
 */
final class KnownTree {
    private final @Nullable NodeReader reader;
    private final @Nullable Cid root;
    private final Set<Cid> seen = new HashSet<>();

    private KnownTree(@Nullable NodeReader reader, @Nullable Cid root) {
        this.reader = reader;
        this.root = root;
    }

    /** A stored tree, which is whole. */
    static KnownTree of(NodeReader reader, Cid root) {
        KnownTree tree = new KnownTree(reader, root);
        tree.seen.add(root);
        return tree;
    }

    /** A tree that is not stored. */
    static KnownTree of(CanonicalTree canonical) {
        KnownTree tree = new KnownTree(null, null);
        canonical.nodes(node -> tree.seen.add(node.cid()));
        return tree;
    }

    /** Whether the node was seen already; nothing is read. */
    boolean hasSeen(Cid cid) {
        return seen.contains(cid);
    }

    boolean has(TreeNode node) {
        if (!seen.contains(node.cid()) && reader != null) {
            seek(reader, node.firstKey());
        }
        return seen.contains(node.cid());
    }

    private void seek(NodeReader from, String key) {
        Cid at = root;
        while (at != null && from.read(at) instanceof TreeNode.Branch branch) {
            at = null;
            List<BranchEntry> entries = branch.entries();
            for (BranchEntry e : entries) {
                seen.add(e.child());
                at = at == null || e.key().compareTo(key) <= 0 ? e.child() : at;
            }
        }
    }
}
