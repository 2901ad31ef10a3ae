package example.replica;

import dev.livesync.api.*;
import dev.livesync.car.*;
import dev.livesync.car.TreeNode.*;
import java.util.*;
import java.util.function.*;

/** Trees of documents: the canonical one, section 4 of docs/merge.md, and those that authors made. */
final class DocumentTrees {
    private static final int MAX_NODE = 65_536;

    private DocumentTrees() {}

    private static List<LeafEntry> entries(SortedMap<String, Event> documents) {
        List<LeafEntry> entries = new ArrayList<>();
        documents.forEach((key, put) -> entries.add(new LeafEntry(key, Events.encodedValue(put))));
        return entries;
    }

    /** The nodes from the root on, level by level. */
    static List<Block> canonical(SortedMap<String, Event> documents) {
        if (documents.isEmpty()) {
            return List.of();
        }
        Chunker chunker = new Chunker();
        List<TreeNode> level = cut(entries(documents), 1, chunker::cuts,
                list -> TreeNodes.leafSize(list.size(), list.stream().mapToLong(LeafEntry::encodedSize).sum()),
                TreeNodes::leaf);
        List<TreeNode> nodes = new ArrayList<>(level);
        for (int height = 1; level.size() > 1; height++) {
            long distance = height;
            level = cut(level.stream().map(node -> new BranchEntry(node.firstKey(), node.cid())).toList(), 2, chunker::cuts,
                    list -> TreeNodes.branchSize(distance, list.size(), list.stream().mapToLong(BranchEntry::encodedSize).sum()),
                    (list, closed) -> TreeNodes.branch(distance, list, closed));
            nodes.addAll(0, level);
        }
        return nodes.stream().map(TreeNode::block).toList();
    }

    private static <E> List<TreeNode> cut(List<E> entries, int least, Predicate<E> cuts, ToLongFunction<List<E>> size,
            BiFunction<List<E>, Boolean, TreeNode> make) {
        List<TreeNode> nodes = new ArrayList<>();
        List<E> open = new ArrayList<>();
        for (E entry : entries) {
            open.add(entry);
            if (open.size() > least && size.applyAsLong(open) > MAX_NODE) {
                nodes.add(make.apply(open.subList(0, open.size() - 1), false));
                open = new ArrayList<>(List.of(entry));
            }
            if (cuts.test(entry)) {
                nodes.add(make.apply(open, true));
                open = new ArrayList<>();
            }
        }
        if (!open.isEmpty()) {
            nodes.add(make.apply(open, false));
        }
        return nodes;
    }

    /** The nodes of an author's tree in the same order; null if it is not whole, or does not hold these documents. */
    static List<Block> authors(Cid root, Function<Cid, Block> stored, SortedMap<String, Event> documents) {
        Map<Cid, TreeNode> nodes = new LinkedHashMap<>();
        Deque<Cid> todo = new ArrayDeque<>(List.of(root));
        while (!todo.isEmpty()) {
            Block block = stored.apply(todo.peek());
            TreeNode node = block == null ? null : decode(block);
            if (node == null || nodes.put(todo.poll(), node) != null) {
                return null; // absent, no node, or there twice
            }
            children(node).forEach(todo::add);
        }
        List<LeafEntry> found = new ArrayList<>();
        for (todo.push(root); !todo.isEmpty(); ) {
            TreeNode node = nodes.get(todo.pop());
            List<Cid> children = new ArrayList<>(children(node));
            Collections.reverse(children);
            children.forEach(todo::push);
            if (node instanceof Leaf leaf) {
                found.addAll(leaf.entries());
            }
        }
        return found.equals(entries(documents)) ? nodes.values().stream().map(TreeNode::block).toList() : null;
    }

    private static List<Cid> children(TreeNode node) {
        return node instanceof Branch branch ? branch.entries().stream().map(BranchEntry::child).toList() : List.of();
    }

    private static TreeNode decode(Block block) {
        try {
            return TreeNodes.looksLikeNode(block) ? TreeNodes.decode(block) : null;
        } catch (SyncException e) {
            return null; // it pretends to be one
        }
    }
}
