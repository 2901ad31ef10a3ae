package dev.livesync.core.protocol.alpha;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Tree;
import dev.livesync.car.CarWriter;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.protocol.EventBatches;
import dev.livesync.core.protocol.MessageSizes;
import dev.livesync.core.protocol.ReceivedCar;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model of an alpha at the other end: what it has, and which documents it reads from that.
 *
 * <p><strong>Its clock.</strong> An alpha does not compare the roots of a CAR with its clock: it drops their direct parents and adds
 * them. So does this model, with what it announces, what it writes and what we send, in whatever order they cross: the order does
 * not matter to the outcome. It ends with the right documents if its clock ends as one event whose tree it has and which holds
 * what the events say, or as several, none an ancestor of another, with a common ancestor of that kind. {@link #plan} sees to the
 * first half before anything is sent, {@link #heal} to the rest afterwards.
 *
 * <p><strong>What is made and not kept.</strong> A bridge stays out of the history here until something of the alpha's descends from it: every
 * bridge that others build upon is a fork and a merge, and an alpha that answers a diff walks every path through its history, twice as many
 * for each. Merges are kept, so that what is written here goes on from them.
 *
 * <p><strong>Limits.</strong> What an alpha loses on its way to us cannot be seen from here, and an alpha that a browser lets handle two
 * messages at once may take them in another order than they came in. Its next change shows what it made of them, and is
 * healed like any other.
 */
final class AlphaPeer {
    /** An alpha's next event names all of its heads, and what it reads takes longer with each. */
    private static final int MOST_HEADS = 64;

    /** Two branches of so many events in all, and an alpha needs some 100 ms for each read; 2,000 take it four minutes. */
    private static final int LONG_FORK = 200;

    private final MessageSizes sizes;
    private final Consumer<Event> keep;
    private final BiConsumer<Cid, List<String>> mismatch;
    /** The CIDs of its last diff, and those sent or received since. */
    private CidSet had;

    private final CidSet passed;
    private final Set<Cid> clock = new LinkedHashSet<>();
    private boolean known;
    private boolean dirty;
    /** Whether the alpha may lack nodes below ones that it has; a lost message does that. */
    private boolean doubtful;
    /** Counts the changes. */
    private int moves;

    /** Bridges that only the alpha has. */
    private final Map<Cid, Event> made = new LinkedHashMap<>();

    /** The events and clocks that were healed in this session; each is healed once. */
    private final Set<Object> healed = new HashSet<>();

    private final Deque<CarBytes> ready = new ArrayDeque<>();

    /**
     * Creates a model of an alpha that has sent nothing yet.
     *
     * @param keep takes the events that are made here, to be stored
     * @param mismatch is told of events whose tree is not what the events say, and which documents differ
     */
    AlphaPeer(MessageSizes sizes, long salt, Consumer<Event> keep, BiConsumer<Cid, List<String>> mismatch) {
        this.sizes = sizes;
        this.keep = keep;
        this.mismatch = mismatch;
        had = new CidSet(salt);
        passed = new CidSet(salt);
    }

    /** Takes the peer's diff, which lists everything that it has. */
    void stated(Collection<Cid> heads, CidSet cids) {
        clock.clear();
        clock.addAll(heads);
        had = cids;
        doubtful = true;
        known = true;
        touch();
    }

    /** Takes a CAR from the peer. A named database writes a storage header as the root; the events are in the CAR all the same. */
    void received(ReceivedCar car) {
        if (car.rooted()) {
            Set<Cid> parents = new HashSet<>();
            car.events().forEach(e -> parents.addAll(e.parents()));
            List<Event> roots = car.events().stream()
                    .filter(e -> car.roots().contains(e.cid()))
                    .toList();
            if (roots.isEmpty()) {
                roots = car.events().stream()
                        .filter(e -> !parents.contains(e.cid()))
                        .toList();
            }
            // The answer to a diff repeats heads, which it may have lost to what we have sent since.
            move(roots.stream().filter(e -> !has(e.cid())).toList());
        }
        car.events().forEach(e -> passed.add(e.cid()));
        car.blocks().forEach(b -> passed.add(b.cid()));
        touch();
    }

    /** Takes a CAR that we sent. */
    void sent(CarBytes car) {
        car.blocks().forEach(b -> passed.add(b.cid()));
        move(car.tips());
    }

    private void move(List<Event> roots) {
        if (!roots.isEmpty()) {
            Set<Cid> after = Bridges.clockAfter(clock, roots);
            clock.clear();
            clock.addAll(after);
            touch();
        }
    }

    /** Called when something was stored: events of the clock that were unknown may be known now. */
    void changed() {
        touch();
    }

    private void touch() {
        dirty = true;
        moves++;
    }

    /** A counter that grows with every change that may affect the result of {@link #heal}. */
    int moves() {
        return moves;
    }

    boolean has(Cid cid) {
        return had.contains(cid) || passed.contains(cid);
    }

    /** The clock as far as it is known. */
    Set<Cid> clock() {
        return Set.copyOf(clock);
    }

    /** The bridges that a CAR of the peer's builds upon, which are to be stored before it. */
    List<Event> adopted(ReceivedCar car) {
        List<Event> adopted = new ArrayList<>();
        for (Event event : car.events()) {
            for (Cid parent : event.parents()) {
                Event bridge = made.remove(parent);
                if (bridge != null) {
                    adopted.add(bridge);
                }
            }
        }
        return adopted;
    }

    /** Whether an event is a bridge that is nowhere but at the peer. */
    boolean isMade(Event event) {
        return made.containsKey(event.cid());
    }

    /** Whether its clock has events that are not complete here. */
    boolean isAhead(Snapshot snapshot) {
        return clock.stream().anyMatch(c -> !made.containsKey(c) && !snapshot.isComplete(c));
    }

    /** Whether these as roots would leave stale heads behind. */
    boolean wouldBridge(Snapshot snapshot, List<Event> roots) {
        return !Bridges.stale(snapshot, Bridges.clockAfter(clock, roots)).isEmpty();
    }

    /** Whether the peer has an event in its clock, or something that descends from it. */
    boolean isCovered(Snapshot snapshot, Cid event) {
        Set<Cid> below = below(clock);
        return below.contains(event) || Bridges.isCovered(snapshot, event, below);
    }

    /** A clock in which each bridge is replaced by its parents. */
    private Set<Cid> below(Collection<Cid> heads) {
        Set<Cid> below = new LinkedHashSet<>();
        for (Cid head : heads) {
            Event bridge = made.get(head);
            if (bridge == null) {
                below.add(head);
            } else {
                below.addAll(bridge.parents());
            }
        }
        return below;
    }

    /**
     * The roots of a CAR, and what it has to hold for them.
     *
     * @param roots in their order, bridges at the end
     * @param merged heads that were merged into one root
     * @param nodes of the tree from which the clock will be read, if the peer lacks them
     */
    record Plan(List<Event> roots, List<Event> merged, List<Block> nodes) {}

    /** Prepares for sending some complete events as the roots of one CAR. */
    Plan plan(Snapshot snapshot, List<Event> heads) {
        List<Event> roots = new ArrayList<>(heads);
        addBridges(snapshot, Bridges.clockAfter(clock, heads), roots);
        Set<Cid> below = below(Bridges.clockAfter(clock, roots));
        Event base = below.size() > 1 ? base(snapshot, below) : null;
        return new Plan(roots, List.of(), base == null ? List.of() : lacking(snapshot.tree(base.cid())));
    }

    /**
     * The same for all heads at once: those that would be a long fork beside what the peer has are merged with that, and those that
     * one message does not carry are merged with each other.
     */
    Plan planWhole(Snapshot snapshot, List<Event> heads) {
        Set<Cid> after = Bridges.clockAfter(clock, heads);
        Set<Cid> merged = maximal(snapshot, after);
        if (!isLongFork(snapshot, merged)) {
            if (fit(heads)) {
                return plan(snapshot, heads);
            }
            merged = new LinkedHashSet<>(snapshot.heads());
        }
        if (!healed.add(Set.copyOf(merged))) {
            return plan(snapshot, heads);
        }
        Event merge = Bridges.over(snapshot, merged);
        keep.accept(merge);
        List<Event> roots = new ArrayList<>(List.of(merge));
        addBridges(snapshot, after, roots);
        return new Plan(roots, heads, lacking(snapshot.canonicalTree(merged)));
    }

    /** Whether one message carries all of these as its roots. */
    private boolean fit(List<Event> roots) {
        long size = CarWriter.headerSize(roots.size());
        for (Event root : roots) {
            size += CarBytes.framedSize(root.block());
        }
        return roots.size() < 2 || size <= sizes.carMax();
    }

    /** Whether the replica's heads would be a long fork beside what the peer has. */
    boolean wouldForkLong(Snapshot snapshot) {
        List<Event> heads = snapshot.heads().stream()
                .map(h -> EventBatches.require(snapshot, h))
                .toList();
        return isLongFork(snapshot, maximal(snapshot, Bridges.clockAfter(clock, heads)));
    }

    private void addBridges(Snapshot snapshot, Set<Cid> after, List<Event> roots) {
        for (Cid cid : Bridges.stale(snapshot, after)) {
            if (healed.add(cid)) {
                roots.add(bridge(snapshot, cid));
            }
        }
    }

    private static Set<Cid> maximal(Snapshot snapshot, Set<Cid> clock) {
        Set<Cid> maximal = new LinkedHashSet<>(clock);
        maximal.removeIf(c -> Bridges.isCovered(snapshot, c, clock));
        return maximal;
    }

    /**
     * Whether an alpha would search too long for the common ancestor of these heads. False if events that the alpha is ahead by aren't here
     * yet. A bridge is not merged, since it isn't stored.
     */
    private boolean isLongFork(Snapshot snapshot, Set<Cid> heads) {
        if (heads.size() < 2 || heads.stream().anyMatch(c -> made.containsKey(c) || !snapshot.isComplete(c))) {
            return false;
        }
        Cid common = snapshot.commonAncestor(heads);
        Iterator<Cid> since = snapshot.eventsSince(common == null ? List.of() : List.of(common));
        int events = 0;
        while (since.hasNext() && events <= LONG_FORK) {
            since.next();
            events++;
        }
        return events > LONG_FORK;
    }

    /** The event from whose tree several heads are read. */
    private static @Nullable Event base(Snapshot snapshot, Collection<Cid> clock) {
        if (clock.stream().anyMatch(c -> !snapshot.isComplete(c))) {
            return null;
        }
        Cid common = snapshot.commonAncestor(clock);
        return common == null ? null : snapshot.event(common);
    }

    /** The nodes of a tree that the peer lacks: none if it has the root, unless it may have lost something. */
    List<Block> lacking(Tree tree) {
        if (tree.root() == null || has(tree.root()) && !doubtful) {
            return List.of();
        }
        List<Block> nodes = new ArrayList<>();
        for (Iterator<Block> blocks = tree.blocks(); blocks.hasNext(); ) {
            Block node = blocks.next();
            if (!has(node.cid())) {
                nodes.add(node);
            }
        }
        return nodes;
    }

    /** Schedules a root to be sent before anything else. */
    void say(Event root) {
        keep.accept(root);
        ready.addAll(CarPacking.cars(List.of(), List.of(root), sizes));
    }

    /** The CAR that has to be sent first; null if there is none. */
    @Nullable
    CarBytes first() {
        return ready.poll();
    }

    /** Whether something has moved since {@link #heal} looked last. */
    boolean isDirty() {
        return dirty && known;
    }

    /** The CAR that the peer still needs to read the right documents, once everything else was sent; null if it needs none. */
    @Nullable
    CarBytes heal(Supplier<Snapshot> replica) {
        if (ready.isEmpty() && dirty && known) {
            dirty = false;
            try (Snapshot snapshot = replica.get()) {
                if (!isAhead(snapshot)) {
                    look(snapshot);
                }
            }
        }
        return ready.poll();
    }

    private void look(Snapshot snapshot) {
        List<Cid> stale = new ArrayList<>(Bridges.stale(snapshot, clock));
        stale.removeIf(healed::contains);
        if (!stale.isEmpty()) {
            List<Event> bridges = new ArrayList<>();
            for (Cid cid : stale) {
                healed.add(cid);
                bridges.add(bridge(snapshot, cid));
            }
            ready.addAll(CarPacking.cars(List.of(), bridges, sizes));
            return;
        }
        List<Event> lost = snapshot.heads().stream()
                .filter(h -> has(h) && !isCovered(snapshot, h))
                .map(h -> EventBatches.require(snapshot, h))
                .toList();
        if (!lost.isEmpty()) {
            Plan plan = planWhole(snapshot, lost);
            List<Block> before = new ArrayList<>(plan.nodes());
            plan.merged().stream().filter(e -> !has(e.cid())).forEach(e -> before.add(e.block()));
            ready.addAll(CarPacking.cars(before, plan.roots(), sizes));
            return;
        }
        Set<Cid> maximal = maximal(snapshot, clock);
        if (maximal.isEmpty()) {
            return;
        }
        Event base = base(snapshot, below(maximal));
        if (base == null
                || maximal.size() > 1 && base.root() == null
                || maximal.size() > MOST_HEADS
                || isLongFork(snapshot, maximal)) {
            merge(snapshot, maximal);
        } else if (!Bridges.treeIsRight(snapshot, base)) {
            if (healed.add(List.of(base.cid()))) {
                mismatch.accept(base.cid(), TreeDifferences.of(snapshot, base));
            }
            merge(snapshot, maximal);
        } else {
            List<Block> nodes = lacking(snapshot.tree(base.cid()));
            doubtful = false;
            if (!nodes.isEmpty()) {
                ready.addAll(CarPacking.cars(nodes, List.of(), sizes));
            }
        }
    }

    private void merge(Snapshot snapshot, Set<Cid> maximal) {
        List<Event> bridges =
                maximal.stream().map(made::remove).filter(Objects::nonNull).toList();
        if (!bridges.isEmpty()) {
            // What they are merged into can be told when they are here.
            bridges.forEach(keep);
        } else if (healed.add(Set.copyOf(maximal))) {
            Event merge = Bridges.over(snapshot, maximal);
            keep.accept(merge);
            ready.addAll(CarPacking.cars(lacking(snapshot.canonicalTree(maximal)), List.of(merge), sizes));
        }
    }

    private Event bridge(Snapshot snapshot, Cid cid) {
        Event bridge = Bridges.over(snapshot, List.of(cid));
        made.put(bridge.cid(), bridge);
        return bridge;
    }
}
