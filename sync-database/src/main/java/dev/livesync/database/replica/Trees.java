package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.car.Encoded;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.tree.NodeReader;
import dev.livesync.database.tree.TreeComparison;
import dev.livesync.database.tree.TreeEdit;
import dev.livesync.database.tree.TreeEditor;
import dev.livesync.database.tree.TreeWalk;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The trees of events: made for our own, looked up or made again for others. Documents are never read from them.
 *
 * <p>An author's tree counts if all its nodes are stored and it holds exactly the documents that the events say; otherwise the
 * canonical tree stands in, under another root than the event names.
 */
final class Trees {
    private static final System.Logger LOG = System.getLogger(Trees.class.getName());

    private Trees() {}

    /**
     * A tree to be sent.
     *
     * @param root null if there are no documents
     * @param blocks the root first, then level by level from left to right
     */
    record Source(@Nullable Cid root, Iterator<Block> blocks) {}

    /** The canonical tree of the documents now with some changes, made from the last one of our own. */
    static TreeEdit edit(DerivedState derived, SortedMap<String, Optional<Encoded>> changes) {
        return edit(derived, derived.baseRoot, changes);
    }

    /** A tree with some changes. */
    static TreeEdit edit(DerivedState derived, @Nullable Cid root, SortedMap<String, Optional<Encoded>> changes) {
        return derived.treeEditor.edit(root, changes);
    }

    /** Edits stored trees. */
    static TreeEditor editor(DerivedState derived) {
        TreeNodes.Decoder decoder = new TreeNodes.Decoder(DerivedState.STORED);
        return new TreeEditor(new NodeReader() {
            @Override
            public TreeNode read(Cid cid) {
                return decoder.decode(block(cid));
            }

            @Override
            public Block block(Cid cid) {
                return derived.block(cid);
            }
        });
    }

    /** The tree of a complete event. */
    static Source of(ReadView view, int event) {
        Cid root = authors(view, event);
        if (root == null) {
            CanonicalTree tree = CanonicalTree.of(view, event);
            return new Source(tree.root(), tree.blocks());
        }
        return new Source(
                root, storedNodes(view, root).stream().map(view::present).iterator());
    }

    /** The root of the author's tree if that tree is whole and right; else null. */
    private static @Nullable Cid authors(ReadView view, int index) {
        Event event = view.event(index);
        Cid root = event.root();
        if (root == null || !view.isWhole(root)) {
            return null;
        }
        return view.derived.feed.isOwn(index) || isRight(view, index, root) ? root : null;
    }

    private static boolean isRight(ReadView view, int index, Cid root) {
        List<String> wrong;
        try {
            Iterator<LeafEntry> theirs = new TreeWalk(reader(view), root, Long.MAX_VALUE);
            wrong = TreeComparison.differences(
                    theirs, CanonicalTree.entries(view, index).iterator(), 1);
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.MALFORMED) {
                throw e;
            }
            wrong = List.of("");
        }
        if (!wrong.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "the tree {0} of event {1} does not hold the documents that the events say; it is not used",
                    root,
                    view.derived.graph.cid(index));
        }
        return wrong.isEmpty();
    }

    private static NodeReader reader(ReadView view) {
        return cid -> TreeNodes.decode(view.present(cid), DerivedState.STORED);
    }

    /** The CIDs of a whole tree, level by level, each once. */
    private static List<Cid> storedNodes(ReadView view, Cid root) {
        List<Cid> nodes = new ArrayList<>(List.of(root));
        Set<Cid> seen = new HashSet<>(nodes);
        for (int i = 0; i < nodes.size(); i++) {
            if (reader(view).read(nodes.get(i)) instanceof TreeNode.Branch branch) {
                for (BranchEntry e : branch.entries()) {
                    if (seen.add(e.child())) {
                        nodes.add(e.child());
                    }
                }
            }
        }
        return nodes;
    }

    /** The nodes of an event's tree that its parents' trees do not have, children before their parents. */
    static List<Block> newNodes(ReadView view, int event) {
        List<KnownTree> known = new ArrayList<>();
        for (Cid parent : view.event(event).parents()) {
            int p = view.index(parent);
            Cid root = authors(view, p);
            known.add(root == null ? KnownTree.of(CanonicalTree.of(view, p)) : KnownTree.of(reader(view), root));
        }
        Cid root = authors(view, event);
        List<Block> fresh = new ArrayList<>();
        if (root == null) {
            CanonicalTree.of(view, event).nodes(node -> {
                if (isNew(known, node)) {
                    fresh.add(node.block());
                }
            });
        } else {
            collect(reader(view), root, known, fresh);
        }
        return fresh;
    }

    private static void collect(NodeReader reader, Cid root, List<KnownTree> known, List<Block> fresh) {
        ArrayDeque<TreeNode> path = new ArrayDeque<>();
        Set<Cid> entered = new HashSet<>();
        push(reader, root, known, path);
        while (!path.isEmpty()) {
            TreeNode node = path.peek();
            if (!entered.add(node.cid())) {
                fresh.add(path.pop().block());
            } else if (node instanceof TreeNode.Branch branch) {
                List<BranchEntry> entries = branch.entries();
                for (int i = entries.size() - 1; i >= 0; i--) {
                    if (!entered.contains(entries.get(i).child())) {
                        push(reader, entries.get(i).child(), known, path);
                    }
                }
            }
        }
    }

    private static void push(NodeReader reader, Cid cid, List<KnownTree> known, ArrayDeque<TreeNode> path) {
        if (known.stream().noneMatch(k -> k.hasSeen(cid))) {
            TreeNode node = reader.read(cid);
            if (isNew(known, node)) {
                path.push(node);
            }
        }
    }

    private static boolean isNew(List<KnownTree> known, TreeNode node) {
        return known.stream().noneMatch(k -> k.has(node));
    }
}
