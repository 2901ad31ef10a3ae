package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.database.history.Decision;
import dev.livesync.database.history.EventGraph;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The events of a {@link ReadView}, and what they decided. Immutable; any thread, without a lock. Events are named by their indexes. */
public final class PastView {
    private final ReadView view;
    private final DerivedState derived;
    private final EventGraph graph;
    private int[] seconds = {};

    /**
     * Creates it.
     *
     * @param view whose events
     */
    public PastView(ReadView view) {
        this.view = view;
        this.derived = view.derived;
        this.graph = view.derived.graph;
    }

    /**
     * All complete events.
     *
     * @return indexes, descending, so that none comes before one of its descendants
     */
    public IntStream events() {
        int last = view.events - 1;
        return IntStream.rangeClosed(0, last).map(i -> last - i);
    }

    /**
     * The complete events of a key.
     *
     * @param key the key
     * @return indexes, descending
     */
    public IntStream events(String key) {
        int number = derived.keys.find(key);
        return number < 0 ? IntStream.empty() : events().filter(e -> graph.key(e) == number);
    }

    /**
     * The events that decide a key each.
     *
     * @return indexes of puts and deletes
     */
    public BitSet winners() {
        return derived.past.winners(view.headIndexes);
    }

    /**
     * The events that decided a key each.
     *
     * @param heads indexes
     * @return indexes of puts and deletes
     */
    public BitSet winners(int... heads) {
        return derived.past.winners(heads);
    }

    /**
     * The keys that were in conflict.
     *
     * @param heads indexes
     * @return how each was decided, in the order of the keys
     */
    public List<Decision> conflicts(int... heads) {
        return derived.past.conflicts(heads);
    }

    /**
     * The event that decides a key.
     *
     * @param key the key
     * @return the index of a put or delete, or {@link EventGraph#NONE} if there never was such a document
     */
    public int winner(String key) {
        int number = derived.keys.find(key);
        return number < 0 ? EventGraph.NONE : derived.past.winner(number, view.headIndexes);
    }

    /**
     * The keys in conflict.
     *
     * @return how each was decided, in the order of the keys
     */
    public List<Decision> conflicts() {
        return derived.past.conflicts(view.headIndexes);
    }

    /**
     * The conflict of one key.
     *
     * @param key the key
     * @return empty if there is none
     */
    public Optional<Decision> conflict(String key) {
        return conflict(key, view.headIndexes);
    }

    /**
     * The conflict of one key at some heads.
     *
     * @param key the key
     * @param heads indexes
     * @return empty if there is none
     */
    public Optional<Decision> conflict(String key, int... heads) {
        int number = derived.keys.find(key);
        return number < 0 ? Optional.empty() : derived.past.conflict(number, heads);
    }

    /**
     * The conflict of its key that an event's writer knew of.
     *
     * @param event its index
     * @return empty if there was none
     */
    public Optional<Decision> conflictBefore(int event) {
        int[] parents = graph.parents(event);
        return parents.length == 0 || event <= secondEvent(graph.key(event))
                ? Optional.empty()
                : derived.past.conflict(graph.key(event), parents);
    }

    /** The second event of a key, before which there can't have been a conflict: most documents that are in conflict now never were before. */
    private synchronized int secondEvent(int key) {
        int[] found = seconds;
        if (found.length == 0) {
            found = new int[2 * derived.keys.size()];
            Arrays.fill(found, EventGraph.NONE);
            for (int e = 0; e < view.events; e++) {
                int place = 2 * graph.key(e);
                if (found[place] == EventGraph.NONE) {
                    found[place] = e;
                } else if (found[place + 1] == EventGraph.NONE) {
                    found[place + 1] = e;
                }
            }
            seconds = found;
        }
        return found[2 * key + 1];
    }

    /**
     * Leaves out those that are ancestors of others.
     *
     * @param events indexes in any order
     * @return the others, each once
     */
    public int[] newest(int... events) {
        return derived.past.newest(events);
    }

    /**
     * What decides each key.
     *
     * @return for many questions about this moment
     */
    public PastKeys keys() {
        return new PastKeys(derived, view.headIndexes);
    }

    /**
     * What decided each key at some heads.
     *
     * @param heads indexes
     * @return for many questions about that moment
     */
    public PastKeys keys(int... heads) {
        return new PastKeys(derived, heads);
    }

    /**
     * The document of a key at some heads.
     *
     * @param key the key
     * @param heads indexes
     * @return the index of the put that made it, or {@link EventGraph#NONE}
     */
    public int document(String key, int... heads) {
        int number = derived.keys.find(key);
        return number < 0 ? EventGraph.NONE : derived.past.document(number, heads);
    }

    /**
     * All documents at some heads.
     *
     * @param heads indexes
     * @return the indexes of the puts that made them, in the order of the keys
     */
    public IntStream documents(int... heads) {
        return Arrays.stream(derived.past.at(heads));
    }

    /**
     * The events that come after some of them.
     *
     * @param frontier indexes in any order
     * @return the indexes of all events but these and their ancestors; a new set
     */
    public BitSet since(int... frontier) {
        BitSet since = new BitSet();
        for (int event : graph.since(view.headIndexes, frontier)) {
            since.set(event);
        }
        return since;
    }

    /**
     * The names of events.
     *
     * @param events indexes
     * @return their CIDs, in text order
     */
    public List<Cid> cids(int... events) {
        return Arrays.stream(events).mapToObj(graph::cid).sorted().toList();
    }

    /**
     * The name of an event.
     *
     * @param event its index
     * @return its CID
     */
    public Cid cid(int event) {
        return graph.cid(event);
    }

    /**
     * The key that an event writes.
     *
     * @param event its index
     * @return the key
     */
    public String key(int event) {
        return derived.keys.name(graph.key(event));
    }

    /**
     * Whether an event deletes its key.
     *
     * @param event its index
     * @return false for a put
     */
    public boolean isDelete(int event) {
        return graph.isDelete(event);
    }

    /**
     * The parents that count.
     *
     * @param event its index
     * @return their CIDs in text order
     */
    public List<Cid> parents(int event) {
        return cids(graph.parents(event));
    }
}
