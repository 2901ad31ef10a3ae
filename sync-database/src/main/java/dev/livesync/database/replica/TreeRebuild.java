package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.Events;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.log.BlockIndex;
import dev.livesync.database.log.Transaction;
import dev.livesync.database.tree.TreeBuilder;
import dev.livesync.database.tree.TreeEdit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import org.jspecify.annotations.Nullable;

/**
 * Makes the canonical tree of the documents of one moment, in parts of a few megabytes. Due when so much came from peers since the last tree that
 * editing it would take too much memory. What is made needs no lock; commits go on meanwhile, and what they change is edited in the end. No
 * compaction may: nothing names the nodes before.
 */
final class TreeRebuild implements Iterator<List<Block>> {
    private static final int MANY_KEYS = 4_096;
    private static final long MANY_BYTES = 8 << 20;
    private static final long PART_BYTES = 4 << 20;

    private final StoredView view;
    private final WriterState writer;
    private final long time;
    private final PrimitiveIterator.OfInt puts;
    private final TreeBuilder builder = new TreeBuilder(this::take);
    private List<Block> part = new ArrayList<>();
    private boolean done;
    private @Nullable Cid root;

    /** Begins a rebuild. Under the replica's lock, with the writer's latest view. */
    TreeRebuild(StoredView view, long time) {
        this.view = view;
        this.writer = view.writer;
        this.time = time;
        this.puts = view.documents().iterator();
        writer.begin(this);
    }

    /** Whether there is too much to edit. */
    static boolean isDue(WriterState writer) {
        return isMuch(writer, writer.changedSinceBase);
    }

    private static boolean isMuch(WriterState writer, BitSet keys) {
        if (keys.isEmpty()) {
            return false;
        }
        if (keys.cardinality() > MANY_KEYS) {
            return true;
        }
        BlockIndex index = writer.store.index();
        long bytes = keys.stream()
                .map(writer.documents::document)
                .filter(event -> event != EventGraph.NONE)
                .mapToLong(event -> index.length(index.find(writer.graph.cid(event), index.size())))
                .sum();
        return bytes > MANY_BYTES;
    }

    private void take(TreeNode node) {
        part.add(node.block());
    }

    @Override
    public boolean hasNext() {
        return !done;
    }

    /** Makes the nodes of the next part. Without the lock. */
    @Override
    public List<Block> next() {
        if (done) {
            throw new NoSuchElementException();
        }
        part = new ArrayList<>();
        long bytes = 0;
        while (puts.hasNext() && bytes < PART_BYTES) {
            Event event = view.event(puts.nextInt());
            bytes += event.block().size();
            builder.add(new LeafEntry(event.key(), Events.encodedValue(event)));
        }
        if (!puts.hasNext()) {
            done = true;
            root = builder.finish();
        }
        return part;
    }

    /** Whether this is still the current rebuild, and the database was not read again since. Under the lock, like all methods below. */
    boolean isTheLast(StoredView now) {
        return now.writer == writer && writer.rebuild == this;
    }

    /** A transaction with the nodes of a part that are not here yet. */
    Transaction store(List<Block> nodes) {
        return transaction(nodes, null);
    }

    /** Whether so much has changed meanwhile that it is better to begin again. */
    boolean isTooLate() {
        writer.noteChanges();
        return isMuch(writer, writer.changedSinceRebuild);
    }

    /** Edits what has changed meanwhile, and makes the result the tree to go on from. All parts are stored. */
    Transaction finish() {
        writer.noteChanges();
        TreeEdit edit = Trees.edit(writer, root, LocalWrite.edits(writer, writer.changedSinceRebuild));
        return transaction(edit.nodes(), new Transaction.Root(edit.root()));
    }

    private Transaction transaction(List<Block> nodes, Transaction.@Nullable Root tree) {
        List<Cid> orphans = writer.orphansOf(nodes);
        writer.giveUp(orphans);
        Map<Cid, Transaction.Entry> fresh = new LinkedHashMap<>();
        for (Block node : nodes) {
            if (writer.stored(node.cid()) < 0) {
                fresh.put(node.cid(), new Transaction.Entry(node, false));
            }
        }
        if (tree != null) {
            writer.rebase(tree);
            writer.rebuild = null;
        }
        return new Transaction(time, false, "", orphans, List.of(), List.copyOf(fresh.values()), List.of(), tree);
    }
}
