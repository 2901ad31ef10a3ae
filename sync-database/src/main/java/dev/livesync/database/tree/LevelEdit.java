package dev.livesync.database.tree;

import dev.livesync.api.Cid;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Changes one level of a tree. One use. */
final class LevelEdit<E> {
    private final NodeKind<E> kind;
    private final OldTree.LevelCursor cursor;
    private final NodeMaker<E> maker;
    /** Old nodes that were cut anew, by their first key. */
    private final Map<String, Cid> replaced = new HashMap<>();

    private final List<TreeNode> made = new ArrayList<>();
    private List<EntryChange<E>> changes = List.of();
    private int next;

    LevelEdit(NodeKind<E> kind, OldTree.LevelCursor cursor) {
        this.kind = kind;
        this.cursor = cursor;
        maker = new NodeMaker<>(kind, made::add);
    }

    /** Applies changes in ascending order of keys and returns what changes on the level above. */
    List<EntryChange<BranchEntry>> run(List<EntryChange<E>> ascending) {
        changes = ascending;
        while (next < changes.size()) {
            cutFrom(start(changes.get(next).key()));
        }
        Map<String, EntryChange<BranchEntry>> above = new TreeMap<>();
        replaced.keySet().forEach(key -> above.put(key, new EntryChange<>(key, null)));
        for (TreeNode node : made) {
            String key = node.firstKey();
            if (Objects.equals(node.cid(), replaced.get(key))) {
                above.remove(key);
            } else {
                above.put(key, new EntryChange<>(key, new BranchEntry(key, node.cid())));
            }
        }
        return new ArrayList<>(above.values());
    }

    /** The nodes that stand where replaced ones stood, in order; some may be the same. */
    List<TreeNode> made() {
        return made;
    }

    /** Those of them that are new. */
    List<TreeNode> fresh() {
        Set<Cid> known = new HashSet<>(replaced.values());
        return made.stream().filter(node -> !known.contains(node.cid())).toList();
    }

    /** Where to begin cutting for a change: if it touches a node's first entry, more may fit into an open node before it. */
    private TreeNode start(String key) {
        TreeNode node = cursor.seek(key);
        if (node.firstKey().equals(key)) {
            TreeNode before = cursor.previous();
            if (before != null && !before.closed()) {
                return before;
            }
            if (before != null) {
                cursor.seek(key);
            }
        }
        return node;
    }

    /** Cuts from the start of a node to where the old nodes go on unchanged. */
    private void cutFrom(TreeNode start) {
        TreeNode node = start;
        while (true) {
            replaced.put(node.firstKey(), node.cid());
            List<E> entries = kind.entries(node);
            int last = entries.size() - 1;
            for (int i = 0; i <= last; i++) {
                // In a canonical tree no other entry of a node cuts: hashing them all again is most of an edit.
                merge(entries.get(i), i == last && node.closed());
            }
            String nextKey = cursor.nextKey();
            applyBefore(nextKey);
            boolean changed = nextKey != null
                    && next < changes.size()
                    && changes.get(next).key().equals(nextKey);
            if (!changed && maker.isEmpty()) {
                return;
            }
            TreeNode following = cursor.next();
            if (following == null
                    || !changed && maker.cutsBefore(kind.entries(following).get(0))) {
                maker.end();
                return;
            }
            node = following;
        }
    }

    private void merge(E old, boolean cuts) {
        applyBefore(kind.key(old));
        if (next < changes.size() && changes.get(next).key().equals(kind.key(old))) {
            apply(changes.get(next++));
        } else {
            maker.add(old, cuts);
        }
    }

    /** Applies the changes whose keys are less, or all. */
    private void applyBefore(@Nullable String key) {
        while (next < changes.size() && (key == null || changes.get(next).key().compareTo(key) < 0)) {
            apply(changes.get(next++));
        }
    }

    private void apply(EntryChange<E> change) {
        if (change.entry() != null) {
            maker.add(change.entry());
        }
    }
}
