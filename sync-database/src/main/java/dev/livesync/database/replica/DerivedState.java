package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.columns.KeyTable;
import dev.livesync.database.history.ChangeTracker;
import dev.livesync.database.history.CurrentDocuments;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.history.PastDocuments;
import dev.livesync.database.log.Transaction;
import dev.livesync.database.query.FieldIndex;
import dev.livesync.database.tree.TreeEditor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What is worked out from complete events alone, in the order in which they became complete: who descends from whom, weights, documents, indexes, and from which
 * tree the next one is made. Wherever the events are, in the {@linkplain WriterState log} of an embedded database or in a {@linkplain FeedState store} that several
 * processes share, this is all there is of it. Of an event nothing is kept but its place; its content is read again where it is.
 *
 * <p>One thread at a time changes it, under its owner's lock; readers come through a {@link ReadView}, which keeps them to a prefix. Nothing here can be taken back.
 */
abstract class DerivedState {
    /** What was taken once must be readable for ever, whatever the limits are today. */
    static final Limits STORED = Limits.DEFAULT.toBuilder()
            .documentBytes(Integer.MAX_VALUE)
            .blockBytes(Integer.MAX_VALUE)
            .depth(Limits.MAX_DEPTH)
            .items(Integer.MAX_VALUE)
            .parents(Integer.MAX_VALUE)
            .build();

    final EventGraph graph;
    final KeyTable keys;
    final CurrentDocuments documents;
    final PastDocuments past;
    final SortedKeys sorted;
    final Feed feed = new Feed();
    final PendingEvents pending;
    final EmptinessCheck emptiness = new EmptinessCheck(this);
    final LoadedIndexes indexes;
    final TreeEditor treeEditor = Trees.editor(this);

    /** The last event of the graph, if it was accepted since all was read. */
    private @Nullable Cid lastAccepted;

    /** The root of the last canonical tree that is stored; null for that of no documents. */
    @Nullable
    Cid baseRoot;

    /** The keys in which the documents may differ from that tree. */
    final BitSet changedSinceBase = new BitSet();
    /** The keys that changed since somebody published them, some perhaps more than once. */
    private int[] unpublished = new int[8];

    private int unpublishedCount;
    /** Watches which documents change. */
    private ChangeTracker changes;

    DerivedState(RandomGenerator random, List<FieldIndex> declared, boolean takesAllIndexes) {
        graph = new EventGraph(random.nextLong());
        keys = new KeyTable(random.nextLong());
        documents = new CurrentDocuments(graph);
        past = new PastDocuments(keys, graph);
        sorted = new SortedKeys(keys);
        pending = new PendingEvents(cid -> graph.indexOf(cid) >= 0);
        changes = documents.track();
        indexes = new LoadedIndexes(declared, takesAllIndexes);
    }

    /** Reads a block that is known to be stored. */
    abstract Block block(Cid cid);

    /** An event that was taken a moment ago, which needn't be read back for the indexes; null for all others. */
    abstract @Nullable Event fresh(int index);

    /** What to do if what was derived doesn't fit the events: the end of a message. */
    abstract String remedy();

    boolean isKnownEvent(Cid cid) {
        return graph.indexOf(cid) >= 0 || pending.contains(cid);
    }

    /** The indexes of events, or null if one of them is not complete. */
    int @Nullable [] indexes(List<Cid> events) {
        int[] indexes = new int[events.size()];
        for (int i = 0; i < indexes.length; i++) {
            indexes[i] = index(events.get(i));
            if (indexes[i] < 0) {
                return null;
            }
        }
        return indexes;
    }

    /** Most events follow the one that was accepted before them. */
    private int index(Cid event) {
        return lastAccepted != null && event.equals(lastAccepted) ? graph.size() - 1 : graph.indexOf(event);
    }

    /** Adds an event to graph, documents and feed. Its parents are there. */
    void accept(PendingEvent e, boolean interior, boolean startsCommit, int nodes) {
        int[] parents = indexes(e.parents);
        if (parents == null) {
            throw new SyncException(ErrorKind.INTERNAL, "event " + e.cid + " was accepted before its parents");
        }
        pending.complete(e);
        int index = add(e, parents);
        lastAccepted = e.cid;
        documents.accept(index);
        feed.add(index, interior, startsCommit, e.own, nodes, e.origin);
        accepted(index, parents, e);
    }

    /** An event was added. */
    void accepted(int index, int[] parents, PendingEvent e) {}

    private int add(PendingEvent e, int[] parents) {
        try {
            return graph.add(e.cid, keys.intern(e.key), e.delete, parents);
        } catch (IllegalArgumentException notNew) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    "event " + e.cid + " is here already, and is to come once more: if it stays so, " + remedy(),
                    notNew);
        }
    }

    /**
     * Notes what has changed since this was done last.
     *
     * @return the keys
     */
    int[] noteChanges() {
        int[] keys = changes.drain();
        for (int key : keys) {
            changedSinceBase.set(key);
        }
        int count = unpublishedCount + keys.length;
        if (count > unpublished.length) {
            unpublished = Arrays.copyOf(unpublished, Math.max(count, 2 * unpublished.length));
        }
        System.arraycopy(keys, 0, unpublished, unpublishedCount, keys.length);
        unpublishedCount = count;
        return keys;
    }

    /** Notes what has changed, of which nobody is told. */
    void noteUntold() {
        noteChanges();
        unpublishedCount = 0;
    }

    /** Watches anew, from now on: what the watch so far would have to work out before it forgets is not needed. */
    void watchAnew() {
        changes.close();
        changes = documents.track();
    }

    /** The keys of documents that changed since the last call, each once, ascending. */
    int[] publish() {
        noteChanges();
        int[] keys = Arrays.copyOf(unpublished, unpublishedCount);
        unpublishedCount = 0;
        Arrays.sort(keys);
        int count = 0;
        for (int key : keys) {
            if (count == 0 || keys[count - 1] != key) {
                keys[count++] = key;
            }
        }
        return count == keys.length ? keys : Arrays.copyOf(keys, count);
    }

    /** Makes trees from this one from now on: it holds the documents as they are. */
    void rebase(Transaction.Root tree) {
        noteChanges();
        baseRoot = tree.cid();
        changedSinceBase.clear();
    }

    /** Reads an event. */
    Event event(int index) {
        return verified(index, block(graph.cid(index)));
    }

    /** Decodes an event, and holds it to what the graph says of it. */
    Event verified(int index, Block block) {
        Event event = Events.decode(block, STORED);
        if (graph.isDelete(index) != (event.type() == Event.Type.DELETE)
                || !keys.name(graph.key(index)).equals(event.key())) {
            throw new SyncException(
                    ErrorKind.CORRUPT, "event " + event.cid() + " is not what was derived from it says: " + remedy());
        }
        return event;
    }

    /** Writes what the next tree is made from. */
    void saveBase(ImageWriter out) {
        out.putString(baseRoot == null ? "" : baseRoot.toString());
        long[] changed = changedSinceBase.toLongArray();
        out.putInt(changed.length);
        out.putLongs(changed, changed.length);
    }

    /** Reads what {@link #saveBase} wrote; the keys are there. */
    void loadBase(ImageReader in) {
        String root = in.getString();
        baseRoot = root.isEmpty() ? null : Cid.parse(root);
        long[] changed = new long[in.getCount(8)];
        in.getLongs(changed, changed.length);
        changedSinceBase.or(BitSet.valueOf(changed));
        ImageReader.require(
                changedSinceBase.length() <= keys.size(), "a key that there isn't", changedSinceBase.length());
    }
}
