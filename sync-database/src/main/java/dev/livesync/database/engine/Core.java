package dev.livesync.database.engine;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import dev.livesync.database.history.ChangeTracker;
import dev.livesync.database.history.Documents;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.history.KeyTable;
import dev.livesync.database.history.PastDocuments;
import dev.livesync.database.store.BlockStore;
import dev.livesync.database.store.PayloadReader;
import dev.livesync.database.store.SegmentLog;
import dev.livesync.database.store.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that grows with commits: blocks, graph, documents, pending events, feed. The engine's lock guards all changes;
 * readers come through a {@link State}, which keeps them to a prefix.
 *
 * <p>Nothing here can be taken back. When a commit fails half-way, or cannot be written, the engine throws the whole core away and reads a
 * new one from the log.
 */
final class Core {
    /** What was taken once must be readable for ever, whatever the limits are today. */
    static final Limits STORED = Limits.DEFAULT.toBuilder()
            .documentBytes(Integer.MAX_VALUE)
            .blockBytes(Integer.MAX_VALUE)
            .depth(Limits.MAX_DEPTH)
            .items(Integer.MAX_VALUE)
            .parents(Integer.MAX_VALUE)
            .build();

    final BlockStore store;
    final EventGraph graph;
    final KeyTable keys;
    final Documents documents;
    final PastDocuments past;
    final SortedKeys sorted;
    final Feed feed = new Feed();
    final PendingEvents pending;
    final WholeTrees whole = new WholeTrees();

    /** Blocks that were given up, by number, ascending. Replaced, never changed. */
    int[] evicted = new int[0];
    /** The content of all blocks that are not given up. */
    long bytes;

    /** The root of the last tree that we wrote ourselves; null if there is none, or it was that of no documents. */
    @Nullable
    Cid baseRoot;

    /** Watches by what the documents differ from {@link #baseRoot}. */
    private ChangeTracker sinceBase;

    private final Set<Integer> changedSinceBase = new HashSet<>();

    private Core(SegmentLog log, Settings settings) {
        store = new BlockStore(log, settings.random().nextLong(), settings.cacheBytes());
        graph = new EventGraph(settings.random().nextLong());
        keys = new KeyTable(settings.random().nextLong());
        documents = new Documents(keys, graph);
        past = new PastDocuments(keys, graph);
        sorted = new SortedKeys(keys);
        pending = new PendingEvents(cid -> graph.indexOf(cid) >= 0);
        sinceBase = documents.track();
    }

    /**
     * Reads a log from its beginning.
     *
     * @param log just opened, or rolled back
     * @param settings of the database
     * @return the core as it was when the last commit in the log was made
     * @throws IOException if the disk refuses
     */
    static Core load(SegmentLog log, Settings settings) throws IOException {
        Core core = new Core(log, settings);
        log.scan(payload -> {
            while (payload.remaining() > 0) {
                core.replay(Transaction.Head.read(payload), payload);
            }
        });
        core.pending.recompute();
        return core;
    }

    private void replay(Transaction.Head commit, PayloadReader payload) {
        Origin origin = new Origin("", commit.peer());
        giveUp(commit.evicted());
        List<Integer> events = new ArrayList<>();
        for (Cid cid : commit.promoted()) {
            int number = stored(cid);
            if (number < 0) {
                throw payload.damaged("event " + cid + " is named and not there");
            }
            events.add(number);
        }
        int nodes = 0;
        Cid firstEvent = null;
        Cid lastEvent = null;
        for (Transaction.Head.Stored block : commit.blocks()) {
            int number = store.addStored(block);
            bytes += block.length();
            if (block.event()) {
                events.add(number);
                firstEvent = firstEvent == null ? block.cid() : firstEvent;
                lastEvent = block.cid();
            } else {
                nodes++;
            }
        }
        for (int number : events) {
            pending.add(new PendingEvent(
                    Events.decode(store.reread(number), STORED), origin, commit.time(), commit.local()));
        }
        boolean starts = true;
        Cid root = null;
        for (Transaction.Accepted a : commit.accepted()) {
            PendingEvent e = pending.get(a.event());
            if (e == null || indexes(e.parents) == null) {
                throw payload.damaged("event " + a.event() + " cannot be complete");
            }
            accept(e, a.interior(), starts, commit.local() && firstEvent != null && firstEvent.equals(e.cid) ? nodes : 0);
            starts = false;
            root = lastEvent != null && lastEvent.equals(e.cid) ? e.root : root;
        }
        if (commit.local() && lastEvent != null) {
            rebase(lastEvent, root);
        }
    }

    /** The number of a stored block, or -1. */
    int stored(Cid cid) {
        int number = store.index().find(cid, store.index().size());
        return number >= 0 && Arrays.binarySearch(evicted, number) < 0 ? number : -1;
    }

    boolean isKnownEvent(Cid cid) {
        return graph.indexOf(cid) >= 0 || pending.contains(cid);
    }

    /** The indexes of events, or null if one of them is not complete. */
    int @Nullable [] indexes(List<Cid> events) {
        int[] indexes = new int[events.size()];
        for (int i = 0; i < indexes.length; i++) {
            indexes[i] = graph.indexOf(events.get(i));
            if (indexes[i] < 0) {
                return null;
            }
        }
        return indexes;
    }

    /** Adds an event to graph, documents and feed. Its parents are there. */
    void accept(PendingEvent e, boolean interior, boolean startsCommit, int nodes) {
        int[] parents = indexes(e.parents);
        if (parents == null) {
            throw new SyncException(ErrorKind.INTERNAL, "event " + e.cid + " was accepted before its parents");
        }
        pending.complete(e);
        int index = graph.add(e.cid, keys.intern(e.key), e.delete, parents);
        documents.accept(index);
        feed.add(index, interior, startsCommit, e.own, nodes, e.origin);
    }

    /** Gives up pending events: they leave the stored blocks. */
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
            }
        }
        evicted = IntStream.concat(Arrays.stream(evicted), Arrays.stream(numbers, 0, count))
                .sorted()
                .toArray();
        pending.remove(cids);
    }

    /** The keys in which the documents differ from the tree under {@link #baseRoot}, and perhaps some more. */
    Set<Integer> changedSinceBase() {
        for (int key : sinceBase.drain()) {
            changedSinceBase.add(key);
        }
        return changedSinceBase;
    }

    /** Makes new trees from that of one of our own events, if there is nothing beside it. */
    void rebase(Cid event, @Nullable Cid root) {
        int[] heads = documents.heads();
        if (heads.length == 1 && heads[0] == graph.indexOf(event)) {
            baseRoot = root;
            changedSinceBase.clear();
            // A new one: what the old one would compute before it forgets is not needed.
            sinceBase.close();
            sinceBase = documents.track();
        }
    }

    /** Reads an event. */
    Event event(int index) {
        Cid cid = graph.cid(index);
        return Events.decode(block(cid, Integer.MAX_VALUE), STORED);
    }

    /** Reads a block that is known to be stored. */
    Block block(Cid cid, int bound) {
        int number = store.index().find(cid, Math.min(bound, store.index().size()));
        if (number < 0) {
            throw new SyncException(ErrorKind.CORRUPT, "block " + cid + " is named and not stored");
        }
        return store.block(number);
    }
}
