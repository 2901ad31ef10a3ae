package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Events;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.log.BlockStore;
import dev.livesync.database.log.KnownEnd;
import dev.livesync.database.log.PayloadReader;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.log.Transaction;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that grows with commits: what is derived from complete events, and the log's blocks with what is known of them. The replica's lock guards all changes;
 * readers come through a {@link StoredView}, which keeps them to a prefix.
 *
 * <p>Nothing here can be taken back. When a commit fails half-way, or cannot be written, the replica throws the whole writer state away and reads a
 * new one from the log.
 */
final class WriterState extends DerivedState {
    private static final System.Logger LOG = System.getLogger(WriterState.class.getName());

    /** Events to read back before the changed keys are looked at. */
    private static final int NOTE_EVERY = 8_192;

    private final SegmentLog log;
    /** Replaced by compaction. */
    BlockStore store;

    final HeadQuota quota = new HeadQuota();
    final Orphans orphans = new Orphans();
    WholeTrees whole = new WholeTrees();
    /** The first event of which the nodes that were written with it are surely here. */
    int nodesFrom;
    /** How often the log was repaired. */
    int repairs;
    /** Whether all of it began as a backup of something else. */
    boolean restored;
    /** What is wrong with the part of the log that was read, unless a repair follows. */
    private @Nullable SyncException incomplete;

    private boolean mending;
    /** The event that was written here last. */
    @Nullable
    Event written;

    /** The content that the last checkpoint knew of. */
    long checkpointBytes;
    /** The content of all tree nodes. */
    long nodeBytes;
    /** How much of it was in use when last somebody looked. */
    long usedNodeBytes;

    /** Blocks that were given up, by number, ascending. Replaced, never changed. */
    int[] evicted = new int[0];
    /** The content of all blocks that are not given up. */
    long bytes;
    /** The content of those that are and look like no nodes, which are counted by themselves. */
    long evictedBytes;

    /** What makes the tree anew, the one that began last; null for none. */
    @Nullable
    TreeRebuild rebuild;

    /** The keys that changed since it began. */
    final BitSet changedSinceRebuild = new BitSet();

    private WriterState(SegmentLog log, Settings settings) {
        super(settings.random(), settings.indexes(), log.isReadOnly());
        this.log = log;
        store = new BlockStore(log, settings.random().nextLong(), settings.cacheBytes());
    }

    /**
     * Reads a log from its beginning.
     *
     * @param log just opened, or rolled back
     * @param settings of the database
     * @return the writer state as it was when the last commit in the log was made
     * @throws IOException if the disk refuses
     */
    static WriterState load(SegmentLog log, Settings settings) throws IOException {
        WriterState writer = settings.checkpoints() ? loadCheckpoint(log, settings) : null;
        return writer == null ? read(new WriterState(log, settings), log.start()) : writer;
    }

    /** The state that a checkpoint and the rest of the log make; null if the whole log is to be read. */
    private static @Nullable WriterState loadCheckpoint(SegmentLog log, Settings settings) throws IOException {
        WriterState writer = new WriterState(log, settings);
        long from;
        try {
            from = Checkpoint.load(log, writer, log.start());
        } catch (Checkpoint.UnusableException e) {
            LOG.log(Level.INFO, "{0}; reading the whole log instead", e.getMessage());
            KnownEnd end = Checkpoint.known(log.disk());
            if (end != null) {
                log.expect(end);
            }
            return null;
        }
        if (from == log.start()) {
            return read(writer, from); // there is none
        }
        writer.checkpointBytes = writer.bytes;
        try {
            return read(writer, from);
        } catch (RuntimeException e) {
            // Either the log is damaged, which the whole of it shows as well, or the checkpoint is of something else,
            // whatever its checksum says.
            LOG.log(
                    Level.INFO,
                    "the log does not go on from the checkpoint ({0}); reading the whole log instead",
                    Reason.of(e));
            return null;
        }
    }

    private static WriterState read(WriterState writer, long from) throws IOException {
        writer.replay(from);
        writer.quota.start();
        return writer;
    }

    /** Whether something is named that is not there, so that only a repair makes this a database again. */
    boolean isIncomplete() {
        return incomplete != null;
    }

    /** Reads a log of which a part may be missing, to be repaired. */
    static WriterState loadIncomplete(SegmentLog log, Settings settings) throws IOException {
        WriterState writer = new WriterState(log, settings);
        writer.mending = true;
        writer.replay(log.start());
        return writer;
    }

    private void replay(long from) throws IOException {
        int[] noted = {graph.size()};
        log.scan(from, payload -> {
            while (payload.remaining() > 0) {
                replay(Transaction.Head.read(payload), payload);
            }
            if (graph.size() - noted[0] >= NOTE_EVERY) {
                noteUntold(); // keeps the watch small
                noted[0] = graph.size();
            }
        });
        if (incomplete != null && !mending) {
            throw incomplete;
        }
        noteUntold();
        pending.recompute();
        if (from == log.start()) {
            claimTreesInUse();
        }
    }

    private void replay(Transaction.Head commit, PayloadReader payload) {
        Origin origin = new Origin("", commit.peer());
        giveUp(commit.evicted());
        List<Integer> events = new ArrayList<>();
        for (Cid cid : commit.promoted()) {
            int number = stored(cid);
            orphans.remove(cid);
            if (number >= 0) { // else it was given up later, and compaction has removed it
                events.add(number);
            }
        }
        int nodes = 0;
        Cid firstEvent = null;
        for (Transaction.Head.Stored block : commit.blocks()) {
            int number = store.addStored(block);
            bytes += block.length();
            nodeBytes += block.node() ? block.length() : 0;
            if (block.event()) {
                events.add(number);
                firstEvent = firstEvent == null ? block.cid() : firstEvent;
            } else {
                nodes++;
                if (!commit.local() && !commit.peer().isEmpty()) {
                    orphans.add(block.cid(), block.length(), commit.peer(), commit.time());
                }
            }
        }
        for (int number : events) {
            Event event = event(number, payload);
            if (event == null) {
                continue;
            }
            orphans.claim(event.root(), this::storedBlock);
            pending.add(new PendingEvent(event, origin, commit.time(), commit.local()));
        }
        boolean starts = true;
        List<Transaction.Accepted> acceptable = acceptable(commit.accepted());
        if (acceptable.size() < commit.accepted().size() && incomplete == null) {
            incomplete = payload.damaged("events are named that are not there");
        }
        for (Transaction.Accepted a : acceptable) {
            PendingEvent e = pending.get(a.event());
            if (e == null) {
                continue;
            }
            boolean isFirst = commit.local() && firstEvent != null && firstEvent.equals(e.cid);
            accept(e, a.interior(), starts, isFirst && !commit.stripped() ? nodes : 0);
            starts = false;
        }
        if (commit.repaired()) {
            repaired();
        }
        restored |= commit.restored();
        if (commit.tree() != null) {
            watchAnew();
            rebase(commit.tree());
        }
    }

    /** Reads an event that a record names; null if it is none, so that only a repair, which goes on without it, makes this a database again. */
    private @Nullable Event event(int number, PayloadReader payload) {
        try {
            return Events.decode(store.reread(number), STORED);
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.STORAGE || e.kind() == ErrorKind.CLOSED) {
                throw e;
            }
            incomplete =
                    incomplete == null ? payload.damaged("an event cannot be read (" + Reason.of(e) + ")") : incomplete;
            return null;
        }
    }

    /** Of batches that became complete, those that still can: a repair may have found only a part of the log. */
    private List<Transaction.Accepted> acceptable(List<Transaction.Accepted> accepted) {
        List<Transaction.Accepted> whole = new ArrayList<>(accepted.size());
        Set<Cid> fresh = new HashSet<>();
        int from = 0;
        for (int i = 0; i < accepted.size(); i++) {
            if (!accepted.get(i).interior()) {
                List<Transaction.Accepted> batch = accepted.subList(from, i + 1);
                if (batch.stream().allMatch(a -> canComplete(a.event(), fresh))) {
                    whole.addAll(batch);
                }
                from = i + 1;
            }
        }
        return whole;
    }

    /** Notes the event as complete if it can be. */
    private boolean canComplete(Cid event, Set<Cid> fresh) {
        PendingEvent e = pending.get(event);
        boolean can = e != null && e.parents.stream().allMatch(p -> fresh.contains(p) || graph.indexOf(p) >= 0);
        if (can) {
            fresh.add(event);
        }
        return can;
    }

    /** The documents may be anything: the next tree is made from nothing. */
    private void repaired() {
        repairs++;
        incomplete = null;
        watchAnew();
        baseRoot = null;
        changedSinceBase.set(0, keys.size());
        pending.adopt();
    }

    /** The number of a stored block, or -1. */
    int stored(Cid cid) {
        int number = store.index().find(cid, store.index().size());
        return number >= 0 && !isEvicted(number) ? number : -1;
    }

    boolean isEvicted(int number) {
        return evicted.length > 0 && Arrays.binarySearch(evicted, number) >= 0;
    }

    @Override
    void accepted(int index, int[] parents, PendingEvent e) {
        quota.accepted(index, parents, e.origin.peer());
    }

    @Override
    @Nullable
    Event fresh(int index) {
        return written != null && written.cid().equals(graph.cid(index)) ? written : null;
    }

    @Override
    String remedy() {
        return "close the database, delete " + Checkpoint.describe(log.disk()) + ", and open it again";
    }

    /** Of the nodes of a tree of our own, those that are here as orphans, and so are to be given up and written again. */
    List<Cid> orphansOf(List<Block> nodes) {
        return orphans.isEmpty()
                ? List.of()
                : nodes.stream()
                        .map(Block::cid)
                        .filter(orphans::contains)
                        .distinct()
                        .toList();
    }

    private @Nullable Block storedBlock(Cid cid) {
        int number = stored(cid);
        return number < 0 ? null : store.block(number);
    }

    /**
     * Takes all trees in use out of the orphans. Where compaction has removed the tree by which a node once came, reading the log does not
     * find out that it belongs to something.
     */
    private void claimTreesInUse() {
        if (orphans.isEmpty()) {
            return;
        }
        ArrayDeque<Cid> todo = new ArrayDeque<>();
        if (baseRoot != null) {
            todo.add(baseRoot);
        }
        for (int head : documents.heads()) {
            Cid root = event(head).root();
            if (root != null) {
                todo.add(root);
            }
        }
        pending.all().stream().map(e -> e.root).filter(Objects::nonNull).forEach(todo::add);
        BitSet seen = new BitSet();
        for (Cid cid = todo.poll(); cid != null; cid = todo.poll()) {
            int number = stored(cid);
            if (number < 0 || seen.get(number)) {
                continue;
            }
            seen.set(number);
            TreeNode node = Orphans.node(store.block(number));
            if (node != null) {
                orphans.remove(cid);
            }
            if (node instanceof TreeNode.Branch branch) {
                branch.entries().forEach(e -> todo.add(e.child()));
            }
        }
    }

    /** Gives up pending events and orphans: they leave the stored blocks. */
    void giveUp(List<Cid> cids) {
        if (cids.isEmpty()) {
            return;
        }
        int[] numbers = new int[cids.size()];
        int count = 0;
        for (Cid cid : cids) {
            int number = stored(cid);
            if (number >= 0) {
                numbers[count++] = number;
                bytes -= store.index().length(number);
                evictedBytes += store.index().isNode(number) ? 0 : store.index().length(number);
            }
            orphans.remove(cid);
        }
        evicted = IntStream.concat(Arrays.stream(evicted), Arrays.stream(numbers, 0, count))
                .sorted()
                .toArray();
        pending.remove(cids);
    }

    @Override
    int[] noteChanges() {
        int[] keys = super.noteChanges();
        for (int key : keys) {
            changedSinceRebuild.set(key);
        }
        return keys;
    }

    /** Counts from now on for somebody which keys change; whoever asked before is too late. */
    void begin(TreeRebuild next) {
        noteChanges();
        changedSinceRebuild.clear();
        rebuild = next;
    }

    @Override
    Block block(Cid cid) {
        int number = store.index().find(cid, store.index().size());
        if (number < 0) {
            throw new SyncException(ErrorKind.CORRUPT, "block " + cid + " is named and not stored");
        }
        return store.block(number);
    }

    /** Notes what was handed to the queue. */
    void added(List<Transaction.Entry> blocks) {
        for (Transaction.Entry e : blocks) {
            bytes += e.block().size();
            nodeBytes += TreeNodes.looksLikeNode(e.block()) ? e.block().size() : 0;
        }
    }

    /**
     * Goes on with a store that lacks what is dead.
     *
     * @param next the store
     * @param alive what was found out about the blocks that were there then
     * @param kept how many of these it has
     */
    void keep(BlockStore next, Liveness alive, int kept) {
        List<Integer> still = new ArrayList<>();
        int rank = 0;
        int ranked = 0;
        for (int number : evicted) { // ascending
            if (alive.isKept(number)) {
                int place = Math.min(number, alive.bound());
                rank += alive.blocks().get(ranked, place).cardinality();
                ranked = place;
                still.add(number < alive.bound() ? rank : kept + number - alive.bound());
            }
        }
        evicted = still.stream().mapToInt(Integer::intValue).toArray();
        store = next;
        whole = new WholeTrees();
        nodesFrom = alive.nodesFrom();
        bytes -= alive.droppedBytes();
        nodeBytes += alive.nodeBytes() - alive.nodeBytesBefore();
        usedNodeBytes = alive.nodeBytes();
        evictedBytes = Arrays.stream(evicted)
                .filter(number -> !store.index().isNode(number))
                .mapToLong(number -> store.index().length(number))
                .sum();
    }

    /**
     * What a checkpoint is to hold of this moment: what only grows is shared, the rest is copied, about four bytes a key.
     *
     * @return writes it, on any thread, without a lock
     */
    List<Consumer<ImageWriter>> image() {
        noteChanges();
        int events = graph.size();
        byte[] ofDocuments = ImageWriter.bytes(documents::save);
        byte[] rest = ImageWriter.bytes(this::saveRest);
        return List.of(
                store.index().snapshot(),
                graph.snapshot(),
                keys.snapshot(),
                out -> out.putBytes(ofDocuments, ofDocuments.length),
                out -> feed.save(out, events),
                out -> out.putBytes(rest, rest.length));
    }

    private void saveRest(ImageWriter out) {
        List<PendingEvent> waiting = pending.all();
        out.putInt(waiting.size());
        for (PendingEvent e : waiting) {
            out.putInt(store.index().find(e.cid, store.index().size()));
            out.putString(e.origin.peer());
            out.putLong(e.time);
            out.putInt(e.own ? 1 : 0);
        }
        out.putInt(evicted.length);
        out.putInts(evicted, evicted.length);
        out.putLong(bytes);
        out.putLong(nodeBytes);
        out.putLong(usedNodeBytes);
        out.putLong(evictedBytes);
        orphans.save(out);
        out.putInt(nodesFrom);
        out.putInt(repairs);
        out.putInt(restored ? 1 : 0);
        saveBase(out);
    }

    /**
     * Fills an empty writer state.
     *
     * @return adds the pending events, whose blocks are in the log: to be called once all that was read is known to be right
     */
    Runnable load(ImageReader in) {
        store.load(in);
        graph.load(in);
        keys.load(in);
        graph.requireKeys(keys.size());
        documents.load(in);
        feed.load(in, graph.size());
        List<Runnable> waiting = new ArrayList<>();
        for (int i = in.getCount(20); i > 0; i--) {
            int number = in.getInt();
            Origin origin = new Origin("", in.getString());
            long time = in.getLong();
            boolean own = in.getInt() == 1;
            waiting.add(() ->
                    pending.add(new PendingEvent(Events.decode(store.reread(number), STORED), origin, time, own)));
        }
        evicted = new int[in.getCount(4)];
        in.getInts(evicted, evicted.length);
        bytes = in.getLong();
        nodeBytes = in.getLong();
        usedNodeBytes = in.getLong();
        evictedBytes = in.getLong();
        orphans.load(in);
        nodesFrom = in.getInt();
        repairs = in.getInt();
        restored = in.getInt() == 1;
        loadBase(in);
        requireNumbers();
        watchAnew();
        return () -> waiting.forEach(Runnable::run);
    }

    private void requireNumbers() {
        int before = -1;
        for (int number : evicted) {
            ImageReader.require(number > before && number < store.index().size(), "a block that was given up", number);
            before = number;
        }
        ImageReader.require(
                bytes >= 0
                        && nodeBytes >= 0
                        && usedNodeBytes >= 0
                        && evictedBytes >= 0
                        && repairs >= 0
                        && nodesFrom >= 0
                        && nodesFrom <= graph.size(),
                "a number that no database has",
                nodesFrom);
    }
}
