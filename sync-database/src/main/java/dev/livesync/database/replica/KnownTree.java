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
 * Tells whether a tree has a node without reading all of the tree: the node can only lie on the path to its first key. All nodes on such a
 * path and their siblings are remembered, so that asking for neighbours costs nothing more. One thread at a time.
 */
final class KnownTree {
    private final @Nullable NodeReader reader;
    private final @Nullable Cid root;
    private final Set<Cid> seen = new HashSet<>();

    private KnownTree(@Nullable NodeReader reader, @Nullable Cid root) {
        this.reader = reader;
        this.root = root;
    }

    /** Creates one for a stored tree, which is whole. */
    static KnownTree of(NodeReader reader, Cid root) {
        KnownTree tree = new KnownTree(reader, root);
        tree.seen.add(root);
        return tree;
    }

    /** Creates one for a tree that is not stored. */
    static KnownTree of(CanonicalTree canonical) {
        KnownTree tree = new KnownTree(null, null);
        canonical.nodes(node -> tree.seen.add(node.cid()));
        return tree;
    }

    /** Whether the node was seen already. Reads nothing. */
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
