package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Summary;
import dev.livesync.database.columns.IntSort;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.index.Indexes;
import dev.livesync.database.log.BlockStore;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A database at one moment: the prefix of the {@link WriterState} that counts, and the winning event of each document. Immutable; any
 * thread, without a lock.
 */
public final class ReadView {
    final WriterState writer;
    /** The store at the time of this view; compaction replaces it in the writer state. */
    final BlockStore store;

    final WholeTrees whole;
    /** The root of the last canonical tree, from which the next one is made. */
    @Nullable
    final Cid baseRoot;

    /** The first event whose tree nodes are surely here; those of earlier events may be gone. */
    final int nodesFrom;
    /** The number of complete events; also the position in the feed. */
    final int events;

    final int[] headIndexes;
    final List<Cid> heads;

    final int keys;
    private final Winners winners;
    private final int documents;
    private final Indexes indexes;
    private final int blocks;
    private final int[] evicted;
    private final int pending;
    private final long bytes;
    /** The bytes of all tree nodes, and of those that were in use at the last compaction check. */
    final long nodeBytes;

    final long usedNodeBytes;
    /** The bytes of given-up blocks that aren't nodes. */
    final long evictedBytes;

    private ReadView(WriterState writer, int keys, Winners winners, Indexes indexes, int blocks) {
        this.writer = writer;
        this.store = writer.store;
        this.whole = writer.whole;
        this.baseRoot = writer.baseRoot;
        this.nodesFrom = writer.nodesFrom;
        this.events = writer.graph.size();
        this.headIndexes = writer.documents.heads();
        this.heads = writer.documents.clock();
        this.keys = keys;
        this.winners = winners;
        this.indexes = indexes;
        this.documents = writer.documents.count();
        this.blocks = blocks;
        this.evicted = writer.evicted;
        this.pending = writer.pending.size();
        this.bytes = writer.bytes;
        this.nodeBytes = writer.nodeBytes;
        this.usedNodeBytes = writer.usedNodeBytes;
        this.evictedBytes = writer.evictedBytes;
    }

    /** Computes the view of a writer state from scratch. */
    static ReadView of(WriterState writer) {
        int keys = writer.keys.size();
        Winners winners = Winners.of(keys, writer.documents::document);
        Indexes indexes = writer.indexes.of(keys, winners, new Content(writer, winners));
        writer.checkpointBytes = writer.indexes.isMade() ? 0 : writer.checkpointBytes;
        return new ReadView(writer, keys, winners, indexes, writer.store.index().size());
    }

    /** Computes the view of the same writer state after a commit. */
    ReadView next(int[] changedKeys) {
        Winners next = winners.with(changedKeys, writer.documents::document);
        return new ReadView(
                writer,
                writer.keys.size(),
                next,
                indexes.with(changedKeys, new Content(writer, next)),
                writer.store.index().size());
    }

    /** The documents of the view that is being made. */
    private record Content(WriterState writer, Winners winners) implements Indexes.Documents {
        @Override
        public int keys() {
            return writer.keys.size();
        }

        @Override
        public String name(int key) {
            return writer.keys.name(key);
        }

        @Override
        public @Nullable Value read(int key) {
            int event = winners.get(key);
            if (event == EventGraph.NONE) {
                return null;
            }
            Event written = writer.written;
            return written != null && written.cid().equals(writer.graph.cid(event))
                    ? written.value()
                    : writer.event(event).value();
        }
    }

    /**
     * How many complete events there are.
     *
     * @return their number; all indexes are less
     */
    public int events() {
        return events;
    }

    /**
     * The declared indexes.
     *
     * @return those of these documents
     */
    public Indexes indexes() {
        return indexes;
    }

    /**
     * The event that put a document.
     *
     * @param key the number of the document's key, as an index gives it
     * @return the event's index, or {@link EventGraph#NONE} if there is no such document
     */
    public int document(int key) {
        return winners.get(key);
    }

    /**
     * The clock.
     *
     * @return the heads in text order
     */
    public List<Cid> heads() {
        return heads;
    }

    /**
     * The event that put a document.
     *
     * @param key the document's key
     * @return the event's index, or {@link EventGraph#NONE} if there is no such document
     */
    public int document(String key) {
        int number = writer.keys.find(key);
        return number < 0 ? EventGraph.NONE : winners.get(number);
    }

    /**
     * The events that put all documents, in the order of their keys.
     *
     * @return indexes
     */
    public IntStream documents() {
        return Arrays.stream(writer.sorted.below(keys)).map(winners::get).filter(e -> e != EventGraph.NONE);
    }

    /**
     * How many keys there are in a range, be there a document or not.
     *
     * @param from the first key; null for no bound
     * @param below the first key after the range; null for no bound
     * @return their number
     */
    public int count(@Nullable String from, @Nullable String below) {
        int[] sorted = writer.sorted.below(keys);
        int first = from == null ? 0 : writer.sorted.position(sorted, from);
        return Math.max(0, (below == null ? sorted.length : writer.sorted.position(sorted, below)) - first);
    }

    /**
     * The events that put the documents of a range of keys, in the order of the keys.
     *
     * @param from the first key; null for no bound
     * @param below the first key after the range; null for no bound
     * @param descending whether the last comes first
     * @return indexes
     */
    public IntStream documents(@Nullable String from, @Nullable String below, boolean descending) {
        int[] sorted = writer.sorted.below(keys);
        int first = from == null ? 0 : writer.sorted.position(sorted, from);
        int end = below == null ? sorted.length : Math.max(first, writer.sorted.position(sorted, below));
        return IntStream.range(first, end)
                .map(i -> winners.get(sorted[descending ? first + end - 1 - i : i]))
                .filter(e -> e != EventGraph.NONE);
    }

    /**
     * Reads a complete event.
     *
     * @param index its index
     * @return the event, its block verified
     * @throws SyncException {@link ErrorKind#CORRUPT} if the block is damaged, or a checkpoint says something else of the event
     */
    public Event event(int index) {
        return writer.verified(index, present(writer.graph.cid(index)));
    }

    /**
     * The keys of documents that somebody changed since a clock.
     *
     * @param clock events; those that are not complete here count for nothing
     * @return the numbers of the keys, in the order of the keys
     */
    public IntStream changedSince(List<Cid> clock) {
        int[] changed = since(clock).map(writer.graph::key).distinct().toArray();
        IntSort.sort(changed, (a, b) -> key(a).compareTo(key(b)));
        return Arrays.stream(changed);
    }

    /**
     * The events that came after a clock.
     *
     * @param clock events; those that are not complete here count for nothing
     * @return indexes, in no particular order
     */
    public IntStream since(List<Cid> clock) {
        int[] frontier =
                clock.stream().mapToInt(this::index).filter(i -> i >= 0).toArray();
        return Arrays.stream(writer.graph.since(headIndexes, frontier));
    }

    /**
     * Who brought an event here, as far as that is still known.
     *
     * @param event its index
     * @return the source
     */
    public ChangeSource source(int event) {
        return writer.feed.isOwn(event) ? ChangeSource.HERE : ChangeSource.of(writer.feed.origin(event));
    }

    /**
     * A key by its number.
     *
     * @param number as {@link #changedSince} gives it
     * @return the key
     */
    public String key(int number) {
        return writer.keys.name(number);
    }

    /**
     * The counts for status messages.
     *
     * @return the counts
     */
    public Summary summary() {
        return new Summary(documents, events, pending, blocks - evicted.length, bytes);
    }

    /**
     * The index of a complete event.
     *
     * @param event its CID
     * @return the index, or {@link EventGraph#NONE}
     */
    public int index(Cid event) {
        return writer.graph.indexOf(event, events);
    }

    @Nullable
    Event event(Cid cid) {
        int index = index(cid);
        return index == EventGraph.NONE ? null : event(index);
    }

    @Nullable
    Block block(Cid cid) {
        int number = number(cid);
        return number < 0 ? null : store.block(number);
    }

    /** The size of a block; -1 if it is not stored. */
    int size(Cid cid) {
        int number = number(cid);
        return number < 0 ? -1 : store.index().length(number);
    }

    /** Reads a block that is known to be stored. */
    Block present(Cid cid) {
        int number = store.index().find(cid, blocks);
        if (number < 0) {
            throw new SyncException(ErrorKind.CORRUPT, "block " + cid + " is named and not stored");
        }
        return store.block(number);
    }

    boolean isStored(Cid cid) {
        return number(cid) >= 0;
    }

    /** The bytes of all stored blocks. */
    long bytes() {
        return bytes;
    }

    /** How many blocks there are, given up ones included. */
    int blocks() {
        return blocks;
    }

    boolean isEvicted(int number) {
        return evicted.length > 0 && Arrays.binarySearch(evicted, number) >= 0;
    }

    /** The number of a stored block, or -1. */
    int number(Cid cid) {
        int number = store.index().find(cid, blocks);
        return number < 0 || isEvicted(number) ? -1 : number;
    }
}
