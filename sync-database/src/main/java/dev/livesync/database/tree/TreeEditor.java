package dev.livesync.database.tree;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.car.Chunker;
import dev.livesync.car.Encoded;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.Branch;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Edits canonical trees: the result is what {@link TreeBuilder} makes of the changed entries, read and written only around the changes.
 *
 * <p>Level by level from the leaves. On each level the nodes that hold changes are cut anew from their first entry on, until an old node
 * begins where a new one does; the nodes that went and came are the changes of the level above. Above the old root, branches are built
 * from scratch; below it, a branch of a single child is no root. A single entry inside its leaf takes a shorter way, see {@link EntrySplice}.
 *
 * <p>One thread at a time. Keeps some branches for the edit that follows. Reads through the reader it was made with; what that throws passes through, and nothing was written.
 */
public final class TreeEditor {
    private final NodeReader reader;
    private final Chunker chunker = new Chunker();
    private final RecentBranches recent = new RecentBranches();
    private final EntrySplice splice = new EntrySplice(chunker);

    /**
     * Creates an editor.
     *
     * @param reader gives the nodes of the trees to edit
     */
    public TreeEditor(NodeReader reader) {
        this.reader = reader;
    }

    /**
     * Applies changes to a tree.
     *
     * @param root the root of a canonical tree, or null for the empty one; not anybody else's tree, see {@link TreeWalk}
     * @param changes keys in their natural order, each with its new value or empty to remove it; removing what isn't there and setting what is
     *     there already change nothing
     * @return the new root and the nodes that the old tree did not have
     * @throws dev.livesync.api.SyncException {@link dev.livesync.api.ErrorKind#INTERNAL} if the tree turns out not to be canonical
     */
    public TreeEdit edit(@Nullable Cid root, SortedMap<String, Optional<Encoded>> changes) {
        if (changes.comparator() != null) {
            throw new IllegalArgumentException("changes to a tree are in the natural order of keys");
        }
        if (root == null) {
            return plant(changes);
        }
        OldTree old = new OldTree(reader, recent, root);
        if (changes.size() == 1) {
            Map.Entry<String, Optional<Encoded>> only =
                    changes.entrySet().iterator().next();
            EntrySplice.Result spliced =
                    splice.edit(old, reader, only.getKey(), only.getValue().orElse(null));
            if (spliced != null) {
                return spliced.leaf() == null ? new TreeEdit(root, List.of()) : finish(old, root, spliced);
            }
        }
        List<EntryChange<LeafEntry>> leafChanges = new ArrayList<>(changes.size());
        for (Map.Entry<String, Optional<Encoded>> change : changes.entrySet()) {
            leafChanges.add(leafChange(change));
        }
        return change(old, root, leafChanges);
    }

    private static EntryChange<LeafEntry> leafChange(Map.Entry<String, Optional<Encoded>> change) {
        String key = change.getKey();
        return new EntryChange<>(
                key, change.getValue().map(v -> new LeafEntry(key, v)).orElse(null));
    }

    /** Cuts anew what is above the branches that could be spliced. */
    private TreeEdit finish(OldTree old, Cid oldRoot, EntrySplice.Result spliced) {
        Block leaf = Objects.requireNonNull(spliced.leaf());
        List<Branch> branches = spliced.branches();
        if (spliced.rest() != null) {
            TreeEdit upper = changeAbove(
                    old, oldRoot, branches.size() + 1, List.of(spliced.rest()), new ArrayList<>(branches), List.of());
            List<Block> nodes = new ArrayList<>(upper.nodes());
            nodes.add(1, leaf);
            return new TreeEdit(upper.root(), nodes);
        }
        branches.forEach(recent::add);
        Branch root = branches.get(branches.size() - 1);
        List<Block> nodes = new ArrayList<>(1 + branches.size());
        nodes.add(root.block());
        nodes.add(leaf);
        branches.subList(0, branches.size() - 1).forEach(b -> nodes.add(b.block()));
        return new TreeEdit(root.cid(), nodes);
    }

    private TreeEdit plant(SortedMap<String, Optional<Encoded>> entries) {
        List<TreeNode> nodes = new ArrayList<>();
        TreeBuilder builder = new TreeBuilder(nodes::add);
        entries.forEach((key, value) -> value.ifPresent(v -> builder.add(new LeafEntry(key, v))));
        return written(builder.finish(), nodes);
    }

    private TreeEdit change(OldTree old, Cid oldRoot, List<EntryChange<LeafEntry>> leafChanges) {
        LevelEdit<LeafEntry> leaves = new LevelEdit<>(new NodeKind.Leaves(chunker), old.new LevelCursor(0));
        List<EntryChange<BranchEntry>> changes = leaves.run(leafChanges);
        return changeAbove(old, oldRoot, 1, changes, new ArrayList<>(leaves.fresh()), leaves.made());
    }

    /** Goes on from the changes to the entries of a level; the fresh nodes and the ones on top are from below. */
    private TreeEdit changeAbove(
            OldTree old,
            Cid oldRoot,
            int from,
            List<EntryChange<BranchEntry>> below,
            List<TreeNode> fresh,
            List<TreeNode> made) {
        List<EntryChange<BranchEntry>> changes = below;
        List<TreeNode> top = made;
        for (int level = from; level <= old.height() && !changes.isEmpty(); level++) {
            LevelEdit<BranchEntry> branches =
                    new LevelEdit<>(new NodeKind.Branches(chunker, level), old.new LevelCursor(level));
            changes = branches.run(changes);
            fresh.addAll(branches.fresh());
            top = branches.made();
        }
        if (changes.isEmpty()) {
            return new TreeEdit(oldRoot, List.of());
        }
        // The old root's level was cut anew as a whole, so these are all its nodes now.
        UpperLevels upper = new UpperLevels(chunker, old.height(), node -> {
            if (level(node) > old.height()) {
                fresh.add(node);
            }
        });
        top.forEach(upper::add);
        TreeNode root = upper.finish();
        if (root == null) {
            return new TreeEdit(null, List.of());
        }
        TreeNode lowest = collapse(root, old, fresh);
        fresh.removeIf(node -> level(node) > level(lowest));
        return written(lowest.cid(), fresh);
    }

    /** Goes down as long as a node has only one child. */
    private static TreeNode collapse(TreeNode root, OldTree old, List<TreeNode> fresh) {
        TreeNode node = root;
        while (node instanceof Branch b && b.entries().size() == 1) {
            Cid child = b.entries().get(0).child();
            int level = level(b) - 1;
            node = fresh.stream()
                    .filter(n -> n.cid().equals(child))
                    .findFirst()
                    .orElseGet(() -> old.read(child, level));
        }
        return node;
    }

    private TreeEdit written(@Nullable Cid root, List<TreeNode> nodes) {
        List<TreeNode> ordered = new ArrayList<>(nodes);
        for (TreeNode node : nodes) {
            if (node instanceof Branch branch) {
                recent.add(branch);
            }
        }
        ordered.sort(Comparator.comparingInt(n -> Objects.equals(n.cid(), root) ? -1 : level(n)));
        return new TreeEdit(root, ordered.stream().map(TreeNode::block).toList());
    }

    private static int level(TreeNode node) {
        return node instanceof Branch b ? (int) b.distance() : 0;
    }
}
