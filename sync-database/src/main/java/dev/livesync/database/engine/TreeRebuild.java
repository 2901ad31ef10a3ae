package dev.livesync.database.engine;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.Events;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.store.BlockIndex;
import dev.livesync.database.store.Transaction;
import dev.livesync.database.tree.TreeBuilder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the canonical tree of the documents as they are, in parts of a few megabytes. Due when so much came from peers since the last tree that
 * editing it would take too much memory.
 */
final class TreeRebuild implements Iterator<Transaction> {
    private static final int MANY_KEYS = 4_096;
    private static final long MANY_BYTES = 8 << 20;
    private static final long PART_BYTES = 4 << 20;

    private final State state;
    private final long time;
    private final PrimitiveIterator.OfInt puts;
    private final TreeBuilder builder = new TreeBuilder(this::take);
    private final List<Transaction.Entry> part = new ArrayList<>();
    private final Set<Cid> inPart = new HashSet<>();
    private long bytes;
    private boolean done;

    TreeRebuild(State state, long time) {
        this.state = state;
        this.time = time;
        this.puts = state.documents().iterator();
    }

    /** Whether there is too much to edit. */
    static boolean isDue(Core core) {
        if (core.changedSinceBase.cardinality() > MANY_KEYS) {
            return true;
        }
        BlockIndex index = core.store.index();
        long bytes = core.changedSinceBase.stream()
                .map(core.documents::document)
                .filter(event -> event != EventGraph.NONE)
                .mapToLong(event -> index.length(index.find(core.graph.cid(event), index.size())))
                .sum();
        return bytes > MANY_BYTES;
    }

    private void take(TreeNode node) {
        Block block = node.block();
        boolean stands = state.core.stored(block.cid()) >= 0 && !state.core.orphans.contains(block.cid());
        if (!stands && inPart.add(block.cid())) {
            part.add(new Transaction.Entry(block, false));
            bytes += block.size();
        }
    }

    @Override
    public boolean hasNext() {
        return !done;
    }

    @Override
    public Transaction next() {
        if (done) {
            throw new NoSuchElementException();
        }
        part.clear();
        inPart.clear();
        bytes = 0;
        while (puts.hasNext() && bytes < PART_BYTES) {
            Event event = state.event(puts.nextInt());
            builder.add(new LeafEntry(event.key(), Events.encodedValue(event)));
        }
        Transaction.Root tree = null;
        if (!puts.hasNext()) {
            done = true;
            tree = new Transaction.Root(builder.finish());
        }
        return transaction(tree);
    }

    private Transaction transaction(Transaction.@Nullable Root tree) {
        List<Cid> orphans =
                state.core.orphansOf(part.stream().map(Transaction.Entry::block).toList());
        return new Transaction(time, false, "", orphans, List.of(), List.copyOf(part), List.of(), tree);
    }

    /** The last part makes the tree the one to go on from. */
    Transaction apply(Transaction part) {
        state.core.giveUp(part.evicted());
        if (part.tree() != null) {
            state.core.rebase(part.tree());
        }
        return part;
    }
}
