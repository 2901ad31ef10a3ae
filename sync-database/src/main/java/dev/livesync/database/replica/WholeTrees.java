package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNodes;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Knows below which nodes everything is stored, and since when: the greatest block number in the subtree tells a snapshot whether it has all
 * of it. What was found once need not be walked again. Any thread.
 */
final class WholeTrees {
    /** By block number: the greatest number in the subtree plus one, or 0 if it is not known to be whole. */
    private int[] greatest = new int[64];

    private synchronized int greatest(int number) {
        return number < greatest.length ? greatest[number] - 1 : -1;
    }

    private synchronized void remember(int number, int below) {
        if (number >= greatest.length) {
            greatest = Arrays.copyOf(greatest, Math.max(number + 1, 2 * greatest.length));
        }
        greatest[number] = below + 1;
    }

    /** Whether a root and everything below it are stored and are nodes. */
    boolean isWhole(StoredView view, Cid root) {
        ArrayDeque<Integer> path = new ArrayDeque<>();
        Map<Integer, List<Integer>> entered = new HashMap<>();
        path.push(view.number(root));
        while (!path.isEmpty()) {
            int number = path.peek();
            if (number < 0 || greatest(number) >= view.blocks()) {
                return false;
            }
            List<Integer> children = entered.remove(number);
            if (greatest(number) >= 0) {
                path.pop();
            } else if (children != null) {
                path.pop();
                remember(number, children.stream().mapToInt(this::greatest).reduce(number, Math::max));
            } else {
                List<Cid> cids = children(view, number);
                if (cids == null) {
                    return false;
                }
                children = cids.stream().map(view::number).toList();
                entered.put(number, children);
                children.forEach(path::push);
            }
        }
        return true;
    }

    /** The children of a node; null for a block that isn't a node, since an author may name any block as the root. */
    private static @Nullable List<Cid> children(StoredView view, int number) {
        Block block = view.store.block(number);
        if (!TreeNodes.looksLikeNode(block)) {
            return null;
        }
        try {
            return TreeNodes.decode(block, DerivedState.STORED) instanceof TreeNode.Branch branch
                    ? branch.entries().stream().map(BranchEntry::child).toList()
                    : List.of();
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.CORRUPT) {
                throw e;
            }
            return null;
        }
    }
}
