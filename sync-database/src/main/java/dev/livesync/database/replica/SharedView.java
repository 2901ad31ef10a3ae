package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Summary;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.index.Indexes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A view of a {@link SharedHistory}: the complete events up to a position in the feed, whose blocks are in a store. Immutable; any thread, without a lock. */
public final class SharedView extends ReadView {
    /** How many events are read at once where many are needed. */
    private static final int AT_ONCE = 256;

    private final SharedBlocks blocks;
    private final long[] counts;

    SharedView(DerivedState derived, Winners winners, SharedBlocks blocks, long... counts) {
        super(derived, derived.keys.size(), winners, Indexes.NONE);
        this.blocks = blocks;
        this.counts = counts;
    }

    /**
     * The CID of an event.
     *
     * @param event its index: its position in the feed, from 0
     * @return its name
     */
    public Cid cid(int event) {
        return derived.graph.cid(event);
    }

    /**
     * Reads the feed.
     *
     * @param from how many events come before: not inside a batch
     * @param maxEvents how many at most, as {@link dev.livesync.api.replica.Replica#changes} says
     * @return the changes, none at the end of the view
     */
    public List<Change> changes(int from, int maxEvents) {
        return new FeedPages(this).read(from, maxEvents, (event, cid) -> List.of());
    }

    @Override
    public Summary summary() {
        return new Summary(count(), events, counts[0], counts[1], counts[2]);
    }

    @Override
    public Event event(int index) {
        return derived.verified(index, blocks.event(index, cid(index)));
    }

    @Override
    Stream<Event> events(int... indexes) {
        int chunks = (indexes.length + AT_ONCE - 1) / AT_ONCE;
        IntFunction<Stream<Event>> chunk = i ->
                read(Arrays.copyOfRange(indexes, i * AT_ONCE, Math.min(indexes.length, (i + 1) * AT_ONCE))).stream();
        return IntStream.range(0, chunks).mapToObj(chunk).flatMap(events -> events);
    }

    /**
     * Reads some events at once.
     *
     * @param indexes as many as may be in memory together
     * @return the events, in this order
     * @throws SyncException {@link ErrorKind#CORRUPT}, {@link ErrorKind#STORAGE}
     */
    public List<Event> read(int... indexes) {
        List<Cid> cids = Arrays.stream(indexes).mapToObj(this::cid).toList();
        Map<Cid, Block> read = blocks.read(cids);
        List<Event> events = new ArrayList<>(indexes.length);
        for (int i = 0; i < indexes.length; i++) {
            events.add(derived.verified(indexes[i], present(cids.get(i), read)));
        }
        return events;
    }

    @Override
    Block present(Cid cid) {
        return blocks.present(cid);
    }

    private static Block present(Cid cid, Map<Cid, Block> read) {
        Block block = read.get(cid);
        if (block == null) {
            throw new SyncException(ErrorKind.CORRUPT, "block " + cid + " is named and not stored");
        }
        return block;
    }

    @Override
    boolean isWhole(Cid root) {
        Set<Cid> seen = new HashSet<>(Set.of(root));
        List<Cid> level = List.of(root);
        while (!level.isEmpty()) {
            List<Cid> below = new ArrayList<>();
            for (int from = 0; from < level.size(); from += AT_ONCE) {
                List<Cid> some = level.subList(from, Math.min(level.size(), from + AT_ONCE));
                Map<Cid, Block> read = blocks.read(some);
                if (read.size() < some.size()
                        || !read.values().stream().allMatch(block -> isNode(block, seen, below))) {
                    return false;
                }
            }
            level = below;
        }
        return true;
    }

    /** Whether a block is a node; notes its children. */
    private static boolean isNode(Block block, Set<Cid> seen, List<Cid> below) {
        if (!TreeNodes.looksLikeNode(block)) {
            return false;
        }
        try {
            if (TreeNodes.decode(block, DerivedState.STORED) instanceof TreeNode.Branch branch) {
                branch.entries().stream()
                        .map(BranchEntry::child)
                        .filter(seen::add)
                        .forEach(below::add);
            }
            return true;
        } catch (SyncException e) {
            return false;
        }
    }
}
