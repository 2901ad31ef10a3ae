package dev.livesync.database.tree;

import dev.livesync.car.TreeNode.LeafEntry;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares documents in order of keys, such as those of a foreign tree ({@link TreeWalk}) and those that the events say. */
public final class TreeComparison {
    private TreeComparison() {}

    /**
     * The keys that only one side has, or that have another value there.
     *
     * @param one entries in ascending order
     * @param other entries in ascending order
     * @param max how many keys to look for; the rest of both sides is left alone then
     * @return at most {@code max} keys, ascending; empty if both sides are equal
     */
    public static List<String> differences(Iterator<LeafEntry> one, Iterator<LeafEntry> other, int max) {
        List<String> keys = new ArrayList<>();
        LeafEntry a = nextOf(one);
        LeafEntry b = nextOf(other);
        while ((a != null || b != null) && keys.size() < max) {
            int order = a == null ? 1 : b == null ? -1 : a.key().compareTo(b.key());
            if (order < 0 && a != null) {
                keys.add(a.key());
                a = nextOf(one);
            } else if (order > 0 && b != null) {
                keys.add(b.key());
                b = nextOf(other);
            } else {
                if (a != null && b != null && !a.value().equals(b.value())) {
                    keys.add(a.key());
                }
                a = nextOf(one);
                b = nextOf(other);
            }
        }
        return keys;
    }

    private static @Nullable LeafEntry nextOf(Iterator<LeafEntry> entries) {
        return entries.hasNext() ? entries.next() : null;
    }
}
