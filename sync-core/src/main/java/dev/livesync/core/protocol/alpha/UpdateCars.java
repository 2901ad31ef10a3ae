package dev.livesync.core.protocol.alpha;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.protocol.EventBatches;
import dev.livesync.core.protocol.MessageSizes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A change as the alpha sends one: a CAR of the new tree nodes, the new root first, and then the event, which is its root. A
 * batch is one such CAR with the tree of its last event.
 */
final class UpdateCars {
    private final Snapshot snapshot;
    private final Change change;
    private final MessageSizes sizes;
    private final EventBatches batches;
    private final @Nullable AlphaPeer alpha;

    UpdateCars(Snapshot snapshot, Change change, Predicate<Cid> skip, MessageSizes sizes, @Nullable AlphaPeer alpha) {
        this.alpha = alpha;
        this.snapshot = snapshot;
        this.change = change;
        this.sizes = sizes;
        batches = new EventBatches(snapshot, change.events().iterator(), skip);
    }

    /** The CARs of the next batch: one if it fits into a message; none at the end. */
    List<CarBytes> next() {
        while (true) {
            List<Event> batch = new ArrayList<>();
            for (Block block : batches.next()) {
                sizes.requireFit(block, 1);
                batch.add(EventBatches.require(snapshot, block.cid()));
            }
            if (batch.isEmpty()) {
                return List.of();
            }
            Event last = batch.get(batch.size() - 1);
            if (alpha == null || !alpha.isCovered(snapshot, last.cid())) {
                return cars(batch, last);
            }
            // As a root it would become a stale head. The alpha may have lost it, though, and gets it without naming
            // it.
            List<Block> lost = lost(alpha, batch, last);
            if (!lost.isEmpty()) {
                return CarPacking.cars(lost, List.of(), sizes);
            }
        }
    }

    private List<Block> lost(AlphaPeer peer, List<Event> batch, Event last) {
        Set<Block> lost = new LinkedHashSet<>();
        if (!peer.has(last.cid())) {
            lost.addAll(nodes(batch, last));
            batch.forEach(e -> lost.add(e.block()));
            lost.removeIf(b -> peer.has(b.cid()));
        }
        return List.copyOf(lost);
    }

    private List<CarBytes> cars(List<Event> batch, Event last) {
        Set<Block> blocks = new LinkedHashSet<>(nodes(batch, last));
        List<Event> roots = List.of(last);
        if (alpha != null) {
            AlphaPeer.Plan plan = alpha.plan(snapshot, roots);
            roots = plan.roots();
            blocks.addAll(plan.nodes());
        }
        batch.subList(0, batch.size() - 1).forEach(e -> blocks.add(e.block()));
        return CarPacking.cars(List.copyOf(blocks), roots, sizes);
    }

    private List<Block> nodes(List<Event> batch, Event last) {
        if (alpha != null && !hasTrees(alpha, batch.get(0).parents())) {
            return alpha.lacking(snapshot.tree(last.cid()));
        }
        List<Block> nodes = batch.size() == change.events().size() ? written() : null;
        if (nodes == null) {
            nodes = batch.size() == 1 ? snapshot.newNodes(last.cid()) : difference(batch.get(0), last);
        }
        // Children come before their parents, except that the alpha writes the root first.
        Deque<Block> ordered = new ArrayDeque<>(nodes.size());
        for (Block node : nodes) {
            if (Objects.equals(node.cid(), last.root())) {
                ordered.addFirst(node);
            } else {
                ordered.addLast(node);
            }
        }
        return List.copyOf(ordered);
    }

    private boolean hasTrees(AlphaPeer peer, List<Cid> events) {
        return events.stream().allMatch(e -> {
            Cid root = EventBatches.require(snapshot, e).root();
            return root == null || peer.has(root);
        });
    }

    /** The nodes that the replica recorded as written with the event; null if it doesn't have them. */
    private @Nullable List<Block> written() {
        List<Block> nodes = new ArrayList<>();
        for (Cid cid : change.nodes()) {
            Block node = snapshot.block(cid);
            if (node == null) {
                return null;
            }
            nodes.add(node);
        }
        return nodes.isEmpty() ? null : nodes;
    }

    /** The nodes of the tree after a batch that are in none of the trees before it. Trees inside a batch never existed. */
    private List<Block> difference(Event first, Event last) {
        Set<Cid> before = new HashSet<>();
        for (Cid parent : first.parents()) {
            snapshot.tree(parent).blocks().forEachRemaining(b -> before.add(b.cid()));
        }
        Deque<Block> nodes = new ArrayDeque<>();
        for (Iterator<Block> tree = snapshot.tree(last.cid()).blocks(); tree.hasNext(); ) {
            Block node = tree.next();
            if (!before.contains(node.cid())) {
                nodes.addFirst(node);
            }
        }
        return List.copyOf(nodes);
    }
}
