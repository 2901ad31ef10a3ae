package dev.livesync.database.tree;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.car.Chunker;
import dev.livesync.car.Encoded;
import dev.livesync.car.LeafSplicer;
import dev.livesync.car.TreeNode.Branch;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNodes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fast path for the commonest edit: one entry of a leaf that begins and ends where it did. Then the leaf changes in one place and each
 * branch above it in one CID, as long as these begin and end where they did; nothing of that has to be decoded or cut anew. One thread at a
 * time.
 */
final class EntrySplice {
    private final Chunker chunker;
    private final LeafSplicer leaves = new LeafSplicer();

    EntrySplice(Chunker chunker) {
        this.chunker = chunker;
    }

    /**
     * What the edit comes to.
     *
     * @param leaf the new leaf; null if nothing changes
     * @param branches the branches above it, from the leaf's parent up, as far as they begin and end where they did
     * @param rest the change to the entries of the level above these, null if the root is among them
     */
    record Result(
            @Nullable Block leaf,
            List<Branch> branches,
            @Nullable EntryChange<BranchEntry> rest) {}

    /** Edits one entry; null if the fast path doesn't apply. */
    @Nullable
    Result edit(OldTree old, NodeReader reader, String key, @Nullable Encoded value) {
        OldTree.Path path = old.path(key);
        if (path == null) {
            return null;
        }
        Block leaf = reader.block(path.leaf());
        Block spliced = leaves.splice(leaf, key, value, path.isLast(), NodeMaker.MAX_NODE);
        if (spliced == null || !beginsThere(path, key, reader)) {
            return null;
        }
        if (spliced.equals(leaf)) {
            return new Result(null, List.of(), null);
        }
        List<Branch> branches = new ArrayList<>(path.steps().size());
        Cid child = spliced.cid();
        for (OldTree.Step step : path.steps()) {
            Branch branch = step.branch();
            int at = step.at();
            BranchEntry entry = new BranchEntry(branch.entries().get(at).key(), child);
            boolean endsHere = branch.closed() && at == branch.entries().size() - 1;
            if (endsHere || chunker.cuts(entry)) {
                return new Result(spliced, branches, new EntryChange<>(entry.key(), entry));
            }
            Branch changed = branch.withChild(at, child);
            branches.add(changed);
            child = changed.cid();
        }
        return new Result(spliced, branches, null);
    }

    /** Whether the leaf begins where it did: if its first entry changes, more may fit into an open leaf before it. */
    private static boolean beginsThere(OldTree.Path path, String key, NodeReader reader) {
        OldTree.Step parent = path.steps().get(0);
        List<BranchEntry> siblings = parent.branch().entries();
        return !siblings.get(parent.at()).key().equals(key)
                || parent.at() > 0
                        && TreeNodes.endsClosed(
                                reader.block(siblings.get(parent.at() - 1).child()));
    }
}
