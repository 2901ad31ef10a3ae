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
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The documents of a database at one moment: the prefix of what is {@linkplain DerivedState derived} from its events that counts, and the winning event of each document.
 * Immutable; any thread, without a lock.
 */
public abstract class ReadView {
    final DerivedState derived;
    /** The number of complete events; also the position in the feed. */
    final int events;

    final int[] headIndexes;
    final List<Cid> heads;

    final int keys;
    private final Winners winners;
    private final int documents;
    private final Indexes indexes;

    /** The view of a state as it is now. */
    ReadView(DerivedState derived, int keys, Winners winners, Indexes indexes) {
        this.derived = derived;
        this.events = derived.graph.size();
        this.headIndexes = derived.documents.heads();
        this.heads = derived.documents.clock();
        this.keys = keys;
        this.winners = winners;
        this.indexes = indexes;
        this.documents = derived.documents.count();
    }

    /** The winners of all documents, worked out from scratch. */
    static Winners winners(DerivedState derived) {
        return Winners.of(derived.keys.size(), derived.documents::document);
    }

    /** The indexes of these documents, worked out from what was loaded or from scratch. */
    static Indexes indexes(DerivedState derived, Winners winners) {
        return derived.indexes.of(derived.keys.size(), winners, new Content(derived, winners));
    }

    /** The winners after a commit. */
    Winners nextWinners(int[] changedKeys) {
        return winners.with(changedKeys, derived.documents::document);
    }

    /** The indexes of these documents after a commit. */
    Indexes nextIndexes(int[] changedKeys, Winners next) {
        return indexes.with(changedKeys, new Content(derived, next));
    }

    /** The documents of the view that is being made. */
    private record Content(DerivedState derived, Winners winners) implements Indexes.Documents {
        @Override
        public int keys() {
            return derived.keys.size();
        }

        @Override
        public String name(int key) {
            return derived.keys.name(key);
        }

        @Override
        public @Nullable Value read(int key) {
            int event = winners.get(key);
            if (event == EventGraph.NONE) {
                return null;
            }
            Event fresh = derived.fresh(event);
            return fresh != null ? fresh.value() : derived.event(event).value();
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
        int number = derived.keys.find(key);
        return number < 0 ? EventGraph.NONE : winners.get(number);
    }

    /**
     * The events that put all documents, in the order of their keys.
     *
     * @return indexes
     */
    public IntStream documents() {
        return Arrays.stream(derived.sorted.below(keys)).map(winners::get).filter(e -> e != EventGraph.NONE);
    }

    /**
     * How many keys there are in a range, be there a document or not.
     *
     * @param from the first key; null for no bound
     * @param below the first key after the range; null for no bound
     * @return their number
     */
    public int count(@Nullable String from, @Nullable String below) {
        int[] sorted = derived.sorted.below(keys);
        int first = from == null ? 0 : derived.sorted.position(sorted, from);
        return Math.max(0, (below == null ? sorted.length : derived.sorted.position(sorted, below)) - first);
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
        int[] sorted = derived.sorted.below(keys);
        int first = from == null ? 0 : derived.sorted.position(sorted, from);
        int end = below == null ? sorted.length : Math.max(first, derived.sorted.position(sorted, below));
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
        return derived.verified(index, present(derived.graph.cid(index)));
    }

    /**
     * The keys of documents that somebody changed since a clock.
     *
     * @param clock events; those that are not complete here count for nothing
     * @return the numbers of the keys, in the order of the keys
     */
    public IntStream changedSince(List<Cid> clock) {
        int[] changed = since(clock).map(derived.graph::key).distinct().toArray();
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
        return Arrays.stream(derived.graph.since(headIndexes, frontier));
    }

    /**
     * Who brought an event here, as far as that is still known.
     *
     * @param event its index
     * @return the source
     */
    public ChangeSource source(int event) {
        return derived.feed.isOwn(event) ? ChangeSource.HERE : ChangeSource.of(derived.feed.origin(event));
    }

    /**
     * A key by its number.
     *
     * @param number as {@link #changedSince} gives it
     * @return the key
     */
    public String key(int number) {
        return derived.keys.name(number);
    }

    /**
     * The counts for status messages.
     *
     * @return the counts
     */
    public abstract Summary summary();

    /** Reads some events, in this order, as they are asked for. */
    Stream<Event> events(int... indexes) {
        return Arrays.stream(indexes).mapToObj(this::event);
    }

    /** Reads a block that is known to be stored. */
    abstract Block present(Cid cid);

    /** Whether a root and everything below it are stored and are nodes. */
    abstract boolean isWhole(Cid root);

    /**
     * How many documents there are.
     *
     * @return their number
     */
    public int count() {
        return documents;
    }

    /**
     * The index of a complete event.
     *
     * @param event its CID
     * @return the index, or {@link EventGraph#NONE}
     */
    public int index(Cid event) {
        return derived.graph.indexOf(event, events);
    }

    /**
     * Whether an event's batch goes on after it.
     *
     * @param event its index
     * @return false for the last one of a batch
     */
    public boolean isInterior(int event) {
        return derived.feed.isInterior(event);
    }

    @Nullable
    Event event(Cid cid) {
        int index = index(cid);
        return index == EventGraph.NONE ? null : event(index);
    }
}
