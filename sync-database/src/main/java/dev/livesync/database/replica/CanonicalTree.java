package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.Events;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.tree.TreeBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The canonical tree of the documents after an event, of which nothing is stored. Building it once gives the shape, a few dozen bytes a
 * node; the nodes themselves, which may be as large as the database, are made again one by one as they are asked for.
 */
final class CanonicalTree {
    private final ReadView view;
    private final int[] puts;
    private final @Nullable Cid root;
    /** By level from the leaves up. */
    private final List<List<Shape>> levels = new ArrayList<>();

    /** A node: how many entries it has, and what its parent writes of it. */
    private record Shape(int entries, BranchEntry entry, boolean closed) {}

    private CanonicalTree(ReadView view, int[] puts) {
        this.view = view;
        this.puts = puts;
        this.root = TreeBuilder.build(entries(view, puts).iterator(), this::note);
    }

    static CanonicalTree of(ReadView view, int event) {
        return new CanonicalTree(view, view.derived.past.at(event));
    }

    /** Computes the canonical tree of a clock; the empty tree for no events. */
    static CanonicalTree at(ReadView view, int... clock) {
        return new CanonicalTree(view, view.derived.past.at(clock));
    }

    /** The documents after an event, in the order of their keys. */
    static Stream<LeafEntry> entries(ReadView view, int event) {
        return entries(view, view.derived.past.at(event));
    }

    private static Stream<LeafEntry> entries(ReadView view, int[] puts) {
        return view.events(puts).map(CanonicalTree::entry);
    }

    private static LeafEntry entry(Event event) {
        return new LeafEntry(event.key(), Events.encodedValue(event));
    }

    private void note(TreeNode node) {
        int level = node instanceof TreeNode.Branch b ? (int) b.distance() : 0;
        int entries = node instanceof TreeNode.Branch b
                ? b.entries().size()
                : ((TreeNode.Leaf) node).entries().size();
        while (levels.size() <= level) {
            levels.add(new ArrayList<>());
        }
        levels.get(level).add(new Shape(entries, new BranchEntry(node.firstKey(), node.cid()), node.closed()));
    }

    /** The root; null if there are no documents. */
    @Nullable
    Cid root() {
        return root;
    }

    /** All nodes, children before their parents. */
    void nodes(Consumer<? super TreeNode> sink) {
        TreeBuilder.build(entries(view, puts).iterator(), sink);
    }

    /** All nodes, the root first, then level by level. */
    Iterator<Block> blocks() {
        return IntStream.range(0, levels.size())
                .map(i -> levels.size() - 1 - i)
                .boxed()
                .flatMap(this::level)
                .iterator();
    }

    private Stream<Block> level(int level) {
        List<Shape> shapes = levels.get(level);
        int[] from = new int[shapes.size() + 1];
        for (int i = 0; i < shapes.size(); i++) {
            from[i + 1] = from[i] + shapes.get(i).entries();
        }
        return IntStream.range(0, shapes.size())
                .mapToObj(i -> node(level, from[i], from[i + 1], shapes.get(i).closed()));
    }

    private Block node(int level, int from, int to, boolean closed) {
        if (level > 0) {
            List<BranchEntry> children = levels.get(level - 1).subList(from, to).stream()
                    .map(Shape::entry)
                    .toList();
            return TreeNodes.branch(level, children, closed).block();
        }
        return TreeNodes.leaf(entries(view, Arrays.copyOfRange(puts, from, to)).toList(), closed)
                .block();
    }
}
