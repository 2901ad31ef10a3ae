package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.log.Transaction;
import dev.livesync.database.tree.TreeEdit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Merges all heads into one, in stages: events with at most so many parents each, and one on top of them, in one commit. Each deletes the id
 * that no document has, so it changes no document by itself.
 *
 * <p>The stages may change one all the same. Which of several concurrent events wins a document is a matter of how long the paths
 * to it are, and each stage makes them longer. So every head gets the same number of stages, which leaves the order as it is unless
 * more paths lead to one event than to another; and what has changed even so is written again as it was, in the same commit.
 *
 * <p>All of it is a function of the heads, so two replicas with the same heads make the same events. decision 28.
 */
final class HeadMerge {
    /** Merging events in one batch: with a thousand parents each they take 8 MiB. */
    private static final int BATCH_GROUPS = 200;

    /** The most documents that one batch writes again. */
    private static final int BATCH_DOCUMENTS = 1_000;

    private static final long BATCH_BYTES = 4 << 20;

    private final StoredView before;
    private final WriterState writer;
    private final Settings settings;
    private final long time;
    private final EventAcceptance acceptance;
    private final List<Transaction.Entry> stored = new ArrayList<>();
    private final List<Cid> promoted = new ArrayList<>();
    private int first = EventGraph.NONE;
    private @Nullable Cid top;

    /**
     * Prepares a merge. Changes nothing until {@link #apply}.
     *
     * @param before the writer's latest view, with {@linkplain #isDue more heads} than may stay
     */
    HeadMerge(StoredView before, Settings settings) {
        this.before = before;
        this.writer = before.writer;
        this.settings = settings;
        this.time = settings.clock().millis();
        this.acceptance = new EventAcceptance(writer, 0);
    }

    /** Whether there are more heads than one event names as its parents. */
    static boolean isDue(StoredView view, Settings settings) {
        return view.headIndexes.length > settings.mostHeads();
    }

    /** Adds the merging events to the writer state. */
    Transaction apply() {
        writer.noteChanges();
        writer.quota.setMerging(true);
        List<Cid> tops = stages();
        TreeEdit tree = addTop(tops, restored(writer.noteChanges()));
        writer.quota.setMerging(false);
        acceptance.finish();
        List<Cid> orphans = writer.orphansOf(tree.nodes());
        writer.giveUp(orphans);
        List<Transaction.Entry> blocks = new ArrayList<>();
        for (Block node : tree.nodes()) {
            if (writer.stored(node.cid()) < 0) {
                blocks.add(new Transaction.Entry(node, false));
            }
        }
        if (first != EventGraph.NONE
                && !stored.isEmpty()
                && isFirst(stored.get(0).block().cid())) {
            writer.feed.setNodes(first, blocks.size());
        }
        blocks.addAll(stored);
        List<Transaction.Accepted> accepted = acceptance.accepted();
        Transaction.Root root = null;
        if (acceptance.isOnlyHead(Objects.requireNonNull(top))) {
            root = new Transaction.Root(tree.root());
            writer.rebase(root);
        }
        return new Transaction(time, true, "", orphans, promoted, blocks, accepted, root);
    }

    private boolean isFirst(Cid cid) {
        return writer.graph.indexOf(cid) == first;
    }

    /** Merges groups of heads, and groups of groups where these are too many for one batch. */
    private List<Cid> stages() {
        int[] heads = before.headIndexes;
        int groups = parts(heads.length, settings.mostHeads());
        int batches = parts(groups, Math.min(BATCH_GROUPS, settings.mostHeads()));
        List<Cid> tops = new ArrayList<>();
        for (int b = 0; b < batches; b++) {
            List<Cid> merges = new ArrayList<>();
            for (int g = bound(b, groups, batches); g < bound(b + 1, groups, batches); g++) {
                int[] group =
                        Arrays.copyOfRange(heads, bound(g, heads.length, groups), bound(g + 1, heads.length, groups));
                boolean interior = writer.past.anyAfter(group) != EventGraph.NONE;
                merges.add(add(merging(null, List.of(writer.graph.cids(group))), interior));
            }
            if (batches == 1) {
                return merges;
            }
            int[] clock = merges.stream().mapToInt(writer.graph::indexOf).toArray();
            tops.add(add(merging(CanonicalTree.at(before, clock).root(), merges), false));
        }
        return tops;
    }

    private static int parts(int count, int most) {
        return (count + most - 1) / most;
    }

    /** The start of a part, when a count is divided into parts as equal as possible. */
    private static int bound(int part, int count, int parts) {
        return (int) ((long) part * count / parts);
    }

    private Event merging(@Nullable Cid root, List<Cid> parents) {
        return Events.encode(
                Event.Type.DELETE,
                Keys.RESERVED,
                Encoded.NULL,
                root,
                parents.stream().sorted().toList(),
                settings.limits());
    }

    /** The operations that undo the changes of the stages, puts first. */
    private List<Operation> restored(int[] changed) {
        List<Operation> operations = new ArrayList<>();
        for (int number : changed) {
            String key = writer.keys.name(number);
            int was = before.document(key);
            if (writer.documents.document(number) != was) {
                Encoded document = was == EventGraph.NONE ? null : Events.encodedValue(before.event(was));
                operations.add(new Operation(key, document, null, Operation.Absent.SKIP));
            }
        }
        operations.sort(
                Comparator.comparing((Operation op) -> op.document() == null).thenComparing(Operation::key));
        return operations;
    }

    /** Adds the event on top of the stages; returns the tree of the documents, which are those of before. */
    private TreeEdit addTop(List<Cid> tops, List<Operation> operations) {
        List<Cid> parents = tops;
        if (operations.isEmpty()) {
            TreeEdit tree = LocalWrite.tree(writer, List.of());
            add(merging(tree.root(), parents), false);
            return tree;
        }
        TreeEdit tree = null;
        for (int from = 0; from < operations.size(); ) {
            int to = batchEnd(operations, from);
            List<Operation> batch = operations.subList(from, to);
            writer.noteChanges();
            tree = LocalWrite.tree(writer, batch);
            for (int i = 0; i < batch.size(); i++) {
                boolean interior = i < batch.size() - 1;
                Event event = LocalWrite.event(batch.get(i), interior ? null : tree.root(), parents, settings);
                parents = List.of(add(event, interior));
            }
            from = to;
        }
        return Objects.requireNonNull(tree);
    }

    private static int batchEnd(List<Operation> operations, int from) {
        int to = from;
        long bytes = 0;
        while (to < operations.size() && to - from < BATCH_DOCUMENTS && (to == from || bytes < BATCH_BYTES)) {
            Encoded document = operations.get(to++).document();
            bytes += document == null ? 0 : document.size();
        }
        return to;
    }

    private Cid add(Event event, boolean interior) {
        Cid cid = event.cid();
        // A peer may have sent the very same event.
        if (writer.stored(cid) < 0) {
            stored.add(new Transaction.Entry(event.block(), true));
        } else if (!writer.isKnownEvent(cid)) {
            promoted.add(cid);
            writer.orphans.remove(cid);
        }
        if (first == EventGraph.NONE) {
            first = writer.graph.size();
        }
        acceptance.take(new PendingEvent(event, Origin.LOCAL, time, true), interior);
        top = cid;
        return cid;
    }
}
