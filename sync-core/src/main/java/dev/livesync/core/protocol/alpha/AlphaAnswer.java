package dev.livesync.core.protocol.alpha;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Events;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.TextEncoding;
import dev.livesync.core.protocol.DiffAnswer;
import dev.livesync.core.protocol.EventBatches;
import dev.livesync.core.protocol.MessageSizes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The alpha's answer to a diff: ok if nothing is missing, otherwise the heads, their trees level by level and the events
 * breadth-first from the heads, without what the peer has. The alpha repeats its head, which this does not. Nor are heads
 * named as roots that the peer's own clock descends from: it would take them up again.
 *
 * <p>What is too much for one message goes as the alpha can take it: the heads and as much of what follows as fits are the
 * last CAR, the only one with roots, and everything else is sent before, in CARs without. Only the walk over the events and
 * one CAR are in memory; trees are read again for each pass.
 */
final class AlphaAnswer implements DiffAnswer {
    private static final int MOST_STEPS = 16;

    private final Snapshot snapshot;
    private final Predicate<Cid> known;
    private final MessageSizes sizes;
    private final long salt;

    /** The heads that become roots, and the bridges that are sent with them. */
    private final List<Event> roots = new ArrayList<>();

    /** Further nodes that the peer needs to read its documents afterwards. */
    private final List<Block> base;

    private final List<Cid> heads;

    /** The heads whose trees the peer will read. */
    private final List<Cid> trees;

    /** What the peer lacks, the roots apart. */
    private final List<Cid> events = new ArrayList<>();

    private int lacking;

    /** If the peer is not far behind: one CAR for each change, as in live updates. */
    private @Nullable UpdateCars steps;

    private final Deque<CarBytes> ready = new ArrayDeque<>();

    /** The blocks of the last CAR. Chosen when its size is computed, since the peer may get some of them another way before. */
    private final List<Block> last = new ArrayList<>();

    private @Nullable Iterator<Block> rest;
    private @Nullable Block waiting;
    private boolean ok;
    private boolean done;

    AlphaAnswer(Snapshot snapshot, Predicate<Cid> known, MessageSizes sizes, long salt, @Nullable AlphaPeer alpha) {
        this.snapshot = snapshot;
        this.known = known;
        this.sizes = sizes;
        this.salt = salt;
        this.heads = snapshot.heads();
        walk(alpha);
        if (alpha != null && lacking > 0 && lacking <= MOST_STEPS && alpha.wouldBridge(snapshot, roots)) {
            List<Cid> missing = new ArrayList<>();
            snapshot.eventsSince(List.of()).forEachRemaining(cid -> {
                if (!known.test(cid)) {
                    missing.add(cid);
                }
            });
            steps = new UpdateCars(snapshot, new Change(missing, List.of(), Origin.LOCAL), c -> false, sizes, alpha);
            base = List.of();
            trees = heads;
            return;
        }
        if (alpha != null && !roots.isEmpty()) {
            AlphaPeer.Plan plan = alpha.planWhole(snapshot, List.copyOf(roots));
            roots.clear();
            roots.addAll(plan.roots());
            events.addAll(
                    0,
                    plan.merged().stream()
                            .map(Event::cid)
                            .filter(cid -> !known.test(cid))
                            .toList());
            base = plan.nodes();
            trees = plan.merged().isEmpty() ? heads : List.of();
        } else {
            base = List.of();
            trees = heads;
        }
        measure(alpha != null);
    }

    /** Finds the events. */
    private void walk(@Nullable AlphaPeer alpha) {
        CidSet seen = new CidSet(salt);
        ArrayDeque<Cid> queue = new ArrayDeque<>();
        for (Cid head : heads) {
            boolean has = known.test(head);
            // An alpha may have a head below one of its own that is not known here yet.
            boolean named = alpha == null || !alpha.isCovered(snapshot, head) && !(has && alpha.isAhead(snapshot));
            lacking += has ? 0 : 1;
            seen.add(head);
            if (named) {
                roots.add(EventBatches.require(snapshot, head));
            } else if (!has) {
                events.add(head);
            }
        }
        for (Cid head : heads) {
            enqueue(EventBatches.require(snapshot, head), seen, queue);
        }
        while (!queue.isEmpty()) {
            Cid cid = queue.poll();
            Event event = EventBatches.require(snapshot, cid);
            if (!known.test(cid)) {
                lacking++;
                sizes.requireFit(event.block(), 0);
                events.add(cid);
            }
            enqueue(event, seen, queue);
        }
    }

    private static void enqueue(Event event, CidSet seen, ArrayDeque<Cid> queue) {
        for (Cid parent : event.parents()) {
            if (seen.add(parent)) {
                queue.add(parent);
            }
        }
    }

    private void measure(boolean alpha) {
        long size = CarWriter.headerSize(roots.size());
        for (Event root : roots) {
            sizes.requireFit(root.block(), 1);
            size += CarBytes.framedSize(root.block());
        }
        if (size > sizes.carMax()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "the " + roots.size() + " heads take " + size + " bytes, over the " + sizes.carMax()
                            + " that one message to this peer carries; write any document to merge them");
        }
        Iterator<Block> items = items();
        // Without roots there is no last CAR.
        boolean full = roots.isEmpty();
        long count = 0;
        while (items.hasNext()) {
            Block block = items.next();
            count++;
            if (count <= roots.size()) {
                last.add(block);
                continue;
            }
            sizes.requireFit(block, 0);
            size += CarBytes.framedSize(block);
            full |= size > sizes.carTarget();
            if (!full) {
                last.add(block);
            }
        }
        ok = lacking == 0 && count == (alpha ? 0 : roots.size());
        if (full && !ok) {
            rest = items();
            for (int i = 0; i < last.size(); i++) {
                rest.next();
            }
        }
    }

    /** All blocks in the alpha's order, the roots first. */
    private Iterator<Block> items() {
        Iterator<Block> nodes = nodes();
        return new Iterator<>() {
            private int root;
            private int event;

            @Override
            public boolean hasNext() {
                return root < roots.size() || nodes.hasNext() || event < events.size();
            }

            @Override
            public Block next() {
                if (root < roots.size()) {
                    return roots.get(root++).block();
                }
                if (nodes.hasNext()) {
                    return nodes.next();
                }
                return EventBatches.require(snapshot, events.get(event++)).block();
            }
        };
    }

    private Iterator<Block> nodes() {
        CidSet seen = new CidSet(salt);
        return new Iterator<>() {
            private int head;
            private @Nullable Iterator<Block> tree;
            private @Nullable Block next;

            @Override
            public boolean hasNext() {
                while (next == null) {
                    if (tree == null) {
                        if (head > trees.size()) {
                            return false;
                        }
                        tree = head == trees.size()
                                ? base.iterator()
                                : snapshot.tree(trees.get(head)).blocks();
                        head++;
                    } else if (tree.hasNext()) {
                        Block block = tree.next();
                        if (!known.test(block.cid()) && seen.add(block.cid())) {
                            next = block;
                        }
                    } else {
                        tree = null;
                    }
                }
                return true;
            }

            @Override
            public Block next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException();
                }
                Block block = next;
                next = null;
                return block;
            }
        };
    }

    private @Nullable OutgoingMessage nextStep(UpdateCars changes) {
        if (ready.isEmpty()) {
            ready.addAll(changes.next());
        }
        return ready.poll();
    }

    @Override
    public @Nullable OutgoingMessage next(long room) {
        if (done) {
            return null;
        }
        if (steps != null) {
            OutgoingMessage step = nextStep(steps);
            done = step == null;
            return step;
        }
        if (ok) {
            done = true;
            return TextEncoding.INSTANCE.ok();
        }
        CarBytes rootless = rootless();
        if (rootless != null) {
            return rootless;
        }
        done = true;
        if (roots.isEmpty()) {
            // Only a CAR with roots ends an answer by itself.
            return TextEncoding.INSTANCE.ok();
        }
        return new CarBytes(roots.stream().map(Event::cid).toList(), last, countEvents(last), roots);
    }

    private @Nullable CarBytes rootless() {
        if (rest == null) {
            return null;
        }
        List<Block> blocks = new ArrayList<>();
        long size = CarWriter.headerSize(0);
        while (waiting != null || rest.hasNext()) {
            Block block = waiting != null ? waiting : rest.next();
            waiting = null;
            size += CarBytes.framedSize(block);
            if (!blocks.isEmpty() && size > sizes.carTarget()) {
                waiting = block;
                break;
            }
            blocks.add(block);
        }
        if (blocks.isEmpty()) {
            rest = null;
            return null;
        }
        return new CarBytes(List.of(), blocks, countEvents(blocks), List.of());
    }

    private static int countEvents(List<Block> blocks) {
        int count = 0;
        for (Block block : blocks) {
            if (Events.looksLikeEvent(block)) {
                count++;
            }
        }
        return count;
    }

    @Override
    public long events() {
        return lacking;
    }

    @Override
    public void close() {
        snapshot.close();
    }
}
