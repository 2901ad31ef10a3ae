package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNodes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows of which branches everything below is in a store that never gives up a node. What was found once need not be walked again: by whoever reads the same
 * moment in the same place, and by whoever reads a later one. Only so many are remembered, the ones used last. Any thread.
 */
final class WholeRoots {
    private static final int MOST = 10_000;

    /** Of all moments: how many complete events there were when it was known. */
    private final Map<Cid, Integer> shared;
    /** Of this one. */
    private final Map<Cid, Integer> own = latest();

    WholeRoots() {
        this(latest());
    }

    private WholeRoots(Map<Cid, Integer> shared) {
        this.shared = shared;
    }

    @SuppressWarnings("serial") // never serialized
    private static Map<Cid, Integer> latest() {
        return Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Cid, Integer> eldest) {
                return size() > MOST;
            }
        });
    }

    /** For another moment, or another place to read. */
    WholeRoots elsewhere() {
        return new WholeRoots(shared);
    }

    private boolean isKnown(Cid cid, int events) {
        return own.containsKey(cid) || shared.getOrDefault(cid, events) < events;
    }

    /**
     * Whether a root and everything below it are stored and are nodes.
     *
     * @param events how many complete events there are at this moment
     */
    boolean isWhole(BlockReader blocks, Cid root, int events) {
        Set<Cid> seen = new HashSet<>();
        List<Cid> branches = new ArrayList<>(List.of(root));
        ArrayDeque<Cid> todo = new ArrayDeque<>(branches);
        for (Cid cid = todo.poll(); cid != null; cid = todo.poll()) {
            if (!seen.add(cid) || isKnown(cid, events)) {
                continue;
            }
            TreeNode node = node(blocks.read(cid));
            if (node == null) {
                return false;
            }
            if (node instanceof TreeNode.Branch branch) {
                branches.add(cid);
                branch.entries().stream().map(BranchEntry::child).forEach(todo::add);
            }
        }
        for (Cid cid : branches) { // all below the root is there, so all below each of these is
            own.put(cid, events);
            shared.merge(cid, events, Math::min);
        }
        return true;
    }

    /** The node of a block; null for none, since an author may name any block as the root. */
    private static @Nullable TreeNode node(@Nullable Block block) {
        if (block == null || !TreeNodes.looksLikeNode(block)) {
            return null;
        }
        try {
            return TreeNodes.decode(block, DerivedState.STORED);
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.CORRUPT) {
                throw e;
            }
            return null;
        }
    }
}
