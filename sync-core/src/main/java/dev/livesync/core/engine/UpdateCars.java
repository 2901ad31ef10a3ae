package dev.livesync.core.engine;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.CarWriter;
import dev.livesync.core.wire.CarBytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
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
    private final Sizes sizes;
    private final Batches batches;

    UpdateCars(Snapshot snapshot, Change change, Predicate<Cid> skip, Sizes sizes) {
        this.snapshot = snapshot;
        this.change = change;
        this.sizes = sizes;
        batches = new Batches(snapshot, change.events().iterator(), skip);
    }

    /** The CARs of the next batch: one if it fits into a message; none at the end. */
    List<CarBytes> next() {
        List<Event> batch = new ArrayList<>();
        for (Block block : batches.next()) {
            sizes.requireFit(block, 1);
            batch.add(Batches.require(snapshot, block.cid()));
        }
        if (batch.isEmpty()) {
            return List.of();
        }
        Event last = batch.get(batch.size() - 1);
        List<Block> blocks = new ArrayList<>(nodes(batch, last));
        batch.forEach(e -> blocks.add(e.block()));
        return cars(blocks, last, batch.size());
    }

    private List<Block> nodes(List<Event> batch, Event last) {
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

    /** The nodes that the replica remembers to have written; null if it does not have them. */
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

    /** What is in the tree after a batch and in none of those before: trees inside a batch never were anywhere. */
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

    /** One CAR if it fits; otherwise the last one has the root and as much before it as fits. */
    private List<CarBytes> cars(List<Block> blocks, Event root, int events) {
        long size = CarWriter.headerSize(1);
        int from = blocks.size();
        while (from > 0 && size + CarBytes.framedSize(blocks.get(from - 1)) <= sizes.carTarget()) {
            size += CarBytes.framedSize(blocks.get(--from));
        }
        // A large event may stand alone.
        from = Math.min(from, blocks.size() - 1);
        List<CarBytes> cars = new ArrayList<>();
        int nodes = blocks.size() - events;
        int start = 0;
        while (start < from) {
            int end = start;
            long part = CarWriter.headerSize(0);
            while (end < from && (end == start || part + CarBytes.framedSize(blocks.get(end)) <= sizes.carTarget())) {
                sizes.requireFit(blocks.get(end), 0);
                part += CarBytes.framedSize(blocks.get(end));
                end++;
            }
            cars.add(new CarBytes(
                    List.of(), blocks.subList(start, end), Math.max(0, end - Math.max(start, nodes)), List.of()));
            start = end;
        }
        List<Block> rest = blocks.subList(from, blocks.size());
        cars.add(new CarBytes(List.of(root.cid()), rest, Math.min(events, rest.size()), List.of(root)));
        return cars;
    }
}
