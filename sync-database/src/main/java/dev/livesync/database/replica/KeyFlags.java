package dev.livesync.database.replica;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of keys with a flag each, in an immutable balanced tree: one that differs in a key shares the rest. No hashes, of which a peer
 * could make equal ones.
 *
 * @param key the key in the middle
 * @param flag its flag
 * @param left the keys before it; null for none
 * @param right the keys after it; null for none
 * @param height of this tree
 */
record KeyFlags(
        String key,
        boolean flag,
        @Nullable KeyFlags left,
        @Nullable KeyFlags right,
        int height) {
    private static KeyFlags of(String key, boolean flag, @Nullable KeyFlags left, @Nullable KeyFlags right) {
        return new KeyFlags(key, flag, left, right, 1 + Math.max(height(left), height(right)));
    }

    private static int height(@Nullable KeyFlags tree) {
        return tree == null ? 0 : tree.height;
    }

    /** The flag of a key; null if the key is not in the tree. */
    static @Nullable Boolean get(@Nullable KeyFlags tree, String key) {
        KeyFlags at = tree;
        while (at != null) {
            int order = key.compareTo(at.key);
            if (order == 0) {
                return at.flag;
            }
            at = order < 0 ? at.left : at.right;
        }
        return null;
    }

    /** Returns a tree with this flag for this key. Recurses to the height of the tree, at most 1.5 times the logarithm of its size. */
    static KeyFlags with(@Nullable KeyFlags tree, String key, boolean flag) {
        if (tree == null) {
            return of(key, flag, null, null);
        }
        int order = key.compareTo(tree.key);
        if (order == 0) {
            return of(key, flag, tree.left, tree.right);
        }
        return order < 0
                ? balanced(tree, with(tree.left, key, flag), tree.right)
                : balanced(tree, tree.left, with(tree.right, key, flag));
    }

    private static KeyFlags balanced(KeyFlags top, @Nullable KeyFlags left, @Nullable KeyFlags right) {
        int lean = height(left) - height(right);
        if (left != null && lean > 1) {
            KeyFlags inner = left.right;
            return inner != null && height(inner) > height(left.left)
                    ? of(
                            inner.key,
                            inner.flag,
                            of(left.key, left.flag, left.left, inner.left),
                            of(top.key, top.flag, inner.right, right))
                    : of(left.key, left.flag, left.left, of(top.key, top.flag, inner, right));
        }
        if (right != null && lean < -1) {
            KeyFlags inner = right.left;
            return inner != null && height(inner) > height(right.right)
                    ? of(
                            inner.key,
                            inner.flag,
                            of(top.key, top.flag, left, inner.left),
                            of(right.key, right.flag, inner.right, right.right))
                    : of(right.key, right.flag, of(top.key, top.flag, left, inner), right.right);
        }
        return of(top.key, top.flag, left, right);
    }

    /** All keys, ascending. */
    static List<String> keys(@Nullable KeyFlags tree) {
        List<String> keys = new ArrayList<>();
        collect(tree, keys);
        return keys;
    }

    private static void collect(@Nullable KeyFlags tree, List<String> keys) {
        if (tree != null) {
            collect(tree.left, keys);
            keys.add(tree.key);
            collect(tree.right, keys);
        }
    }
}
