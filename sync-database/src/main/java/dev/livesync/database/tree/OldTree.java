package dev.livesync.database.tree;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.Branch;
import dev.livesync.car.TreeNode.BranchEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tree that is being edited. Remembers its branches, of which an edit needs the same ones again and again, but no leaves. */
final class OldTree {
    /** The greatest height. A higher tree would take values that were mined for it, thirty times as long for each level. */
    private static final int MAX_HEIGHT = 64;

    private final NodeReader reader;
    private final RecentBranches recent;
    private final TreeNode root;
    private final int height;
    private final Map<Cid, Branch> branches = new HashMap<>();

    OldTree(NodeReader reader, RecentBranches recent, Cid rootCid) {
        this.reader = reader;
        this.recent = recent;
        root = read(rootCid);
        long distance = root instanceof Branch b ? b.distance() : 0;
        if (root instanceof Branch && (distance < 1 || distance > MAX_HEIGHT)) {
            throw notCanonical(rootCid);
        }
        height = (int) distance;
    }

    /** The level of the root, 0 for a leaf. */
    int height() {
        return height;
    }

    /** Reads a node that has to be on a certain level. */
    TreeNode read(Cid cid, int level) {
        if (level == height) {
            return root;
        }
        TreeNode node = branches.get(cid);
        if (node == null) {
            node = read(cid);
            if (node instanceof Branch b) {
                branches.put(cid, b);
            }
        }
        if (node instanceof Branch b ? level == 0 || b.distance() != level : level != 0) {
            throw notCanonical(cid);
        }
        return node;
    }

    private TreeNode read(Cid cid) {
        Branch known = recent.get(cid);
        if (known != null) {
            return known;
        }
        TreeNode node = reader.read(cid);
        if (node instanceof Branch b) {
            recent.add(b);
        }
        return node;
    }

    /**
     * The path to a leaf.
     *
     * @param steps from the leaf's parent to the root
     * @param leaf its CID
     * @param isLast whether it is the last leaf
     */
    record Path(List<Step> steps, Cid leaf, boolean isLast) {}

    /** A branch, and the child through which the path goes. */
    record Step(Branch branch, int at) {}

    /** The path to the leaf in whose range a key lies. The leaf is not read. Null if the root is a leaf. */
    @Nullable
    Path path(String key) {
        if (height == 0) {
            return null;
        }
        ArrayList<Step> steps = new ArrayList<>(height);
        boolean isLast = true;
        TreeNode node = root;
        for (int level = height - 1; ; level--) {
            Branch branch = (Branch) node;
            int at = LevelCursor.floor(branch.entries(), key);
            steps.add(new Step(branch, at));
            isLast &= at == branch.entries().size() - 1;
            Cid child = branch.entries().get(at).child();
            if (level == 0) {
                Collections.reverse(steps);
                return new Path(steps, child, isLast);
            }
            node = read(child, level);
        }
    }

    private static SyncException notCanonical(Cid cid) {
        return new SyncException(
                ErrorKind.INTERNAL, "tree node " + cid + " is not of a canonical tree: only those can be edited");
    }

    /** A node of one level, found by key and then moved to its neighbours. */
    final class LevelCursor {
        private final int level;
        /** The branches above, the root last; by level above this one, minus one. */
        private final Branch[] path;

        private final int[] at;

        LevelCursor(int level) {
            this.level = level;
            path = new Branch[height - level];
            at = new int[height - level];
        }

        /** The node in whose range a key lies: the last that doesn't start after it, or the first. */
        TreeNode seek(String key) {
            TreeNode node = root;
            for (int i = path.length - 1; i >= 0; i--) {
                path[i] = (Branch) node;
                at[i] = floor(path[i].entries(), key);
                node = child(i);
            }
            return node;
        }

        /** The first key of the next node of the level, which isn't read for it, or null after the last. */
        @Nullable
        String nextKey() {
            for (int i = 0; i < path.length; i++) {
                if (!outside(i, at[i] + 1)) {
                    return path[i].entries().get(at[i] + 1).key();
                }
            }
            return null;
        }

        /** The next node of the level, or null; the cursor stays at the last one then. */
        @Nullable
        TreeNode next() {
            return move(1);
        }

        /** The node before, or null; the cursor stays at the first one then. */
        @Nullable
        TreeNode previous() {
            return move(-1);
        }

        private @Nullable TreeNode move(int step) {
            int i = 0;
            while (i < path.length && outside(i, at[i] + step)) {
                i++;
            }
            if (i == path.length) {
                return null;
            }
            at[i] += step;
            TreeNode node = child(i);
            while (i > 0) {
                i--;
                path[i] = (Branch) node;
                at[i] = step > 0 ? 0 : path[i].entries().size() - 1;
                node = child(i);
            }
            return node;
        }

        private boolean outside(int i, int index) {
            return index < 0 || index >= path[i].entries().size();
        }

        private TreeNode child(int i) {
            return read(path[i].entries().get(at[i]).child(), level + i);
        }

        private static int floor(List<BranchEntry> entries, String key) {
            int from = 0;
            int to = entries.size();
            while (to - from > 1) {
                int middle = (from + to) >>> 1;
                if (entries.get(middle).key().compareTo(key) <= 0) {
                    from = middle;
                } else {
                    to = middle;
                }
            }
            return from;
        }
    }
}
