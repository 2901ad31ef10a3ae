package dev.livesync.database.tree;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.car.Chunker;
import dev.livesync.car.Encoded;
import dev.livesync.car.LeafSplicer;
import dev.livesync.car.TreeNode.Branch;
import dev.livesync.car.TreeNode.BranchEntry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fast path for the commonest edit: one entry in the middle of its leaf, after which every node begins and ends where it did. Then the
 * leaf changes in one place and each branch above it in one CID, and nothing has to be decoded or cut anew. One thread at a time.
 */
final class EntrySplice {
    private final Chunker chunker;
    private final LeafSplicer leaves = new LeafSplicer();

    EntrySplice(Chunker chunker) {
        this.chunker = chunker;
    }

    /** The new leaf and the branches above it, the root last; null and none if nothing changes. */
    record Result(@Nullable Block leaf, List<Branch> branches) {}

    /** Edits one entry; null if the fast path doesn't apply. */
    @Nullable
    Result edit(OldTree old, NodeReader reader, String key, @Nullable Encoded value) {
        OldTree.Path path = old.path(key);
        if (path == null) {
            return null;
        }
        Block leaf = reader.block(path.leaf());
        Block spliced = leaves.splice(leaf, key, value, path.isLast(), NodeMaker.MAX_NODE);
        if (spliced == null) {
            return null;
        }
        if (spliced.equals(leaf)) {
            return new Result(null, List.of());
        }
        List<Branch> branches = new ArrayList<>(path.steps().size());
        Cid child = spliced.cid();
        for (OldTree.Step step : path.steps()) {
            Branch branch = step.branch();
            int at = step.at();
            boolean endsHere = branch.closed() && at == branch.entries().size() - 1;
            if (endsHere
                    || chunker.cuts(new BranchEntry(branch.entries().get(at).key(), child))) {
                return null;
            }
            Branch changed = branch.withChild(at, child);
            branches.add(changed);
            child = changed.cid();
        }
        return new Result(spliced, branches);
    }
}
