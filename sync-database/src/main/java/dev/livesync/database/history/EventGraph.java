package dev.livesync.database.history;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.columns.CidTable;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.columns.IntColumn;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The complete events and how they descend from each other. Append-only: an event's index is its place in the order of acceptance,
 * parents before children, and nothing about an event ever changes. About 70 bytes for an event with one parent.
 *
 * <p><strong>Threads.</strong> One thread at a time adds, under the database's lock. Any number of others read meanwhile without a lock
 * and without waiting, if they keep to a prefix: they take {@link #size()} first, pass it where a method asks for a limit, and otherwise
 * use indexes below it only (every event that is reachable from such an index is below it too). What they see then never
 * moves. {@link #isLeaf} and {@link #reduce} are the adding thread's own.
 *
 * <p><strong>Reduced parents.</strong> What is kept of an event's parents is {@code P(e)}: without those that are ancestors of another one.
 * Nothing that is asked here depends on the others.
 *
 * <p>{@link Dominators} and {@link Chains} explain how {@link #nearestCommonAncestor} and {@link #isAncestor} work. No method recurses.
 * Indexes that were never handed out make {@link IndexOutOfBoundsException} or {@link NullPointerException}: a defect of the caller's.
 */
public final class EventGraph {
    /** No event. */
    public static final int NONE = -1;

    /** Beyond this many pairs one walk over the merges is cheaper than a question for each. */
    private static final int PAIRS = 128;

    private static final int MAX_EVENTS = 1 << 29;

    private final CidTable cids;
    /** The key's number shifted left, and 1 for a delete. */
    private final IntColumn operation = new IntColumn();

    private static final String NO_PLACE = "an event without a place in the history";

    private final IntColumn generation = new IntColumn();
    /** The only parent, or NONE, or where the parents are in {@link #pool}: {@code -2 - offset}. */
    private final IntColumn parents = new IntColumn();
    /** For every merge: the number of parents, the merge below it (see {@link Chains}), the parents. */
    private final IntColumn pool = new IntColumn();

    private final Dominators dominators = new Dominators();
    private final Chains chains = new Chains(this, dominators);

    private int pooled;
    private volatile int size;
    /** Ancestor questions, and the steps of what answers many at once: lets tests see the cost. Racy, since readers count too. */
    private long questions;

    /**
     * Makes an empty graph.
     *
     * @param seed any number that peers can't guess; nothing but speed depends on it
     */
    public EventGraph(long seed) {
        cids = new CidTable(seed);
    }

    /**
     * How many events there are. Reading it makes all of them visible to the reading thread.
     *
     * @return the index that the next event will have
     */
    public int size() {
        return size;
    }

    /**
     * Adds a complete event. For the writer.
     *
     * @param cid its CID, not in the graph yet
     * @param key the number of its key, 0 or more
     * @param delete whether it removes the document
     * @param parentIndexes distinct indexes of its parents as its author listed them, redundant ones included; read and not
     *     kept
     * @return its index
     * @throws IllegalArgumentException if a parent is not in the graph, the event is, or an argument is out of range; nothing has
     *     changed then
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} beyond 2^29 events; nothing has changed then
     */
    public int add(Cid cid, int key, boolean delete, int... parentIndexes) {
        int e = size;
        if (e >= MAX_EVENTS) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED, "a database holds at most " + MAX_EVENTS + " events");
        }
        for (int p : parentIndexes) {
            if (p < 0 || p >= e) {
                throw new IllegalArgumentException("event " + cid + " has a parent that is not in the graph: " + p);
            }
        }
        if (cid.codec() != Cid.DAG_CBOR || key < 0 || !cids.add(cid)) {
            throw new IllegalArgumentException("event " + cid + " is no new event (key number " + key + ")");
        }
        int[] reduced = reduce(parentIndexes);
        boolean goesOn = chains.arrange(reduced);
        operation.set(e, key << 1 | (delete ? 1 : 0));
        int up = nearestCommonAncestor(reduced);
        int highest = -1;
        for (int p : reduced) {
            highest = Math.max(highest, generation.get(p));
        }
        generation.set(e, highest + 1);
        if (reduced.length > 1) {
            parents.set(e, -2 - pooled);
            pool.set(pooled++, reduced.length);
            pool.set(pooled++, chains.mergeBelow(reduced, goesOn));
            for (int p : reduced) {
                pool.set(pooled++, p);
            }
        } else {
            parents.set(e, reduced.length == 0 ? NONE : reduced[0]);
        }
        dominators.add(e, up);
        chains.add(e, reduced, goesOn);
        size = e + 1;
        return e;
    }

    /**
     * Finds an event among all that the graph holds now. For the writer, and for whoever takes an event that came a moment ago.
     *
     * @param cid any CID
     * @return its index, or {@link #NONE}
     */
    public int indexOf(Cid cid) {
        return cids.find(cid, size);
    }

    /**
     * Finds an event in a prefix.
     *
     * @param cid any CID
     * @param limit the prefix's size, at most {@link #size()}
     * @return its index below {@code limit}, or {@link #NONE}
     */
    public int indexOf(Cid cid, int limit) {
        return cids.find(cid, limit);
    }

    /**
     * The CID of an event.
     *
     * @param e its index
     * @return a new object
     */
    public Cid cid(int e) {
        return cids.get(e);
    }

    /**
     * The CIDs of several events.
     *
     * @param events their indexes
     * @return new objects in the same order
     */
    public Cid[] cids(int... events) {
        Cid[] result = new Cid[events.length];
        for (int i = 0; i < events.length; i++) {
            result[i] = cid(events[i]);
        }
        return result;
    }

    /**
     * The key of an event.
     *
     * @param e its index
     * @return the key's number
     */
    public int key(int e) {
        return operation.get(e) >>> 1;
    }

    /**
     * What an event does to its key.
     *
     * @param e its index
     * @return true if it removes the document, false if it sets it
     */
    public boolean isDelete(int e) {
        return (operation.get(e) & 1) != 0;
    }

    /**
     * The length of the longest path from an event to a root: the same in every replica, unlike the index.
     *
     * @param e its index
     * @return 0 for an event without parents
     */
    public int generation(int e) {
        return generation.get(e);
    }

    /**
     * How many reduced parents an event has.
     *
     * @param e its index
     * @return the size of {@code P(e)}
     */
    public int parentCount(int e) {
        int p = parents.get(e);
        return p >= 0 ? 1 : p == NONE ? 0 : pool.get(-2 - p);
    }

    /**
     * One of an event's reduced parents.
     *
     * @param e its index
     * @param i 0 to {@link #parentCount} - 1; the order means nothing
     * @return the parent's index
     */
    public int parent(int e, int i) {
        int p = parents.get(e);
        return p >= 0 ? p : pool.get(-2 - p + 2 + i);
    }

    /**
     * {@code P(e)}: an event's parents without those that are ancestors of another.
     *
     * @param e its index
     * @return a new array, in no particular order
     */
    public int[] parents(int e) {
        int[] result = new int[parentCount(e)];
        for (int i = 0; i < result.length; i++) {
            result[i] = parent(e, i);
        }
        return result;
    }

    /**
     * {@code up(e)}: the last event that all paths from an event to the roots pass.
     *
     * @param e its index
     * @return the dominator's index, or {@link #NONE}
     */
    public int up(int e) {
        return dominators.up(e);
    }

    /**
     * {@code nca(S)}: the last event that all paths from all of these pass.
     *
     * @param events indexes, in any order
     * @return the one event itself, {@link #NONE} for no events or where there is no such event
     */
    public int nearestCommonAncestor(int... events) {
        int result = events.length == 0 ? NONE : events[0];
        for (int i = 1; i < events.length && result != NONE; i++) {
            result = dominators.nearestCommon(result, events[i]);
        }
        return result;
    }

    /**
     * Whether one event is an ancestor of another.
     *
     * @param ancestor an index
     * @param descendant an index
     * @return true if a path of parents leads from {@code descendant} to {@code ancestor}; false for equal ones
     */
    public boolean isAncestor(int ancestor, int descendant) {
        questions++;
        return chains.isAncestor(ancestor, descendant);
    }

    /**
     * Whether a clock covers some events: each is in it or an ancestor of it.
     *
     * @param clock indexes, in any order
     * @param events indexes, in any order
     * @return true for no events
     */
    public boolean covers(int[] clock, int[] events) {
        if ((long) clock.length * events.length <= PAIRS) {
            return Arrays.stream(events).allMatch(e -> Arrays.stream(clock).anyMatch(c -> c == e || isAncestor(e, c)));
        }
        AncestorSet reach = new AncestorSet(this, Arrays.stream(events).min().orElse(0));
        for (int c : clock) {
            reach.add(c, Long.MAX_VALUE);
        }
        questions += reach.steps() + events.length;
        return Arrays.stream(events).allMatch(reach::has);
    }

    /**
     * Whether nothing descends from an event yet. For the writer.
     *
     * @param e its index
     * @return true for a head
     */
    public boolean isLeaf(int e) {
        return chains.isLeaf(e);
    }

    /**
     * The maximal ones of some events. For the writer.
     *
     * @param events distinct indexes; read and not kept
     * @return a new array of those that are no ancestor of another, ascending
     */
    public int[] reduce(int... events) {
        int[] sorted = events.clone();
        if (sorted.length < 2) {
            return sorted;
        }
        Arrays.sort(sorted);
        return maximal(sorted, true);
    }

    /** The maximal ones of ascending events; a reader of a prefix cannot use what the writer knows about leaves. */
    int[] maximal(int[] sorted, boolean writer) {
        int inner = 0;
        for (int e : sorted) {
            inner += writer && isLeaf(e) ? 0 : 1;
        }
        if (inner == 0) {
            return sorted;
        }
        // From the highest down: whatever descends from an event has been added when its turn comes.
        AncestorSet reach = (long) inner * sorted.length > PAIRS ? new AncestorSet(this, sorted[0]) : null;
        int[] result = new int[sorted.length];
        int free = sorted.length;
        for (int i = sorted.length - 1; i >= 0; i--) {
            int e = sorted[i];
            boolean leaf = writer && isLeaf(e);
            if (!leaf && (reach != null ? reach.has(e) : isAncestorOfLater(sorted, i))) {
                continue;
            }
            result[--free] = e;
            if (reach != null) {
                reach.add(e, Long.MAX_VALUE);
            }
        }
        questions += reach == null ? 0 : reach.steps();
        return Arrays.copyOfRange(result, free, sorted.length);
    }

    private boolean isAncestorOfLater(int[] sorted, int i) {
        for (int j = sorted.length - 1; j > i; j--) {
            if (isAncestor(sorted[i], sorted[j])) {
                return true;
            }
        }
        return false;
    }

    /**
     * The events that some heads have and a frontier lacks: ancestors of the heads or heads, but neither in the frontier nor ancestors of
     * it. Costs as much as the answer and what is concurrent with it, not the whole history.
     *
     * @param heads indexes
     * @param frontier indexes
     * @return their indexes, ascending, so parents come before children and what was accepted together stays together
     */
    public int[] since(int[] heads, int[] frontier) {
        return new Difference(this).compute(heads, frontier);
    }

    /**
     * An event's earliest dominator that is not below an index.
     *
     * @param e its index
     * @param floor at most {@code e}
     * @return the last event on the chain of dominators with an index of {@code floor} or more
     */
    public int lift(int e, int floor) {
        return dominators.lift(e, floor);
    }

    /** The number of an event's chain; see {@link Chains}. */
    int chain(int e) {
        return chains.of(e);
    }

    /** The base of an event's chain, or NONE. */
    int base(int e) {
        return chains.base(e);
    }

    /** The nearest merge at or below an event on its chain, or the chain's first event. */
    int runStart(int e) {
        return chains.runStart(e);
    }

    /** Counts steps of ancestor questions that were answered in another way. */
    void counted(long steps) {
        questions += steps;
    }

    /** The merge below a merge that a search visits next on its chain; see {@link Chains}. */
    int mergeBelow(int e) {
        return pool.get(-1 - parents.get(e));
    }

    /** How many ancestor questions were asked so far, and steps made to answer many of them at once. */
    long questions() {
        return questions;
    }

    /** How many merges searches have looked at so far. */
    long searchSteps() {
        return chains.steps();
    }

    /**
     * Writes the graph. For the writer.
     *
     * @param out takes it
     */
    public void save(ImageWriter out) {
        snapshot().accept(out);
    }

    /**
     * Takes a snapshot of the current content, which any thread can write without a lock while more is added. For the writer.
     *
     * @return writes it, as {@link #save} does
     */
    public Consumer<ImageWriter> snapshot() {
        int count = size;
        int inPool = pooled;
        Consumer<ImageWriter> ofCids = cids.snapshot();
        Consumer<ImageWriter> ofChains = chains.snapshot(count);
        return out -> {
            out.putInt(count);
            out.putInt(inPool);
            ofCids.accept(out);
            operation.save(out, count);
            generation.save(out, count);
            parents.save(out, count);
            pool.save(out, inPool);
            dominators.save(out, count);
            ofChains.accept(out);
        };
    }

    /**
     * Fills an empty graph.
     *
     * @param in what {@link #save} wrote
     * @throws ImageReader.DamagedException if it is the image of no graph: every question about one that was loaded has an answer
     */
    public void load(ImageReader in) {
        int count = in.getCount(60);
        pooled = in.getCount(4);
        cids.load(in, count);
        operation.load(in, count);
        generation.load(in, count);
        parents.load(in, count);
        pool.load(in, pooled);
        dominators.load(in, count);
        int next = 0;
        for (int e = 0; e < count; e++) {
            next = requireParents(e, next);
        }
        ImageReader.require(next == pooled, "the end of the merges", next);
        chains.load(in, count);
        size = count;
    }

    /** Refuses an event that {@link #add} would not have made of the parents it has; returns where the next merge has its own. */
    private int requireParents(int e, int inPool) {
        int p = parents.get(e);
        int next = inPool;
        if (p < NONE) {
            ImageReader.require(p == -2 - inPool && inPool <= pooled - 2, NO_PLACE, e);
            int count = pool.get(inPool);
            int below = pool.get(inPool + 1);
            ImageReader.require(count > 1 && count <= pooled - 2 - inPool && below >= NONE && below < e, NO_PLACE, e);
            ImageReader.require(below == NONE || parentCount(below) > 1, NO_PLACE, e);
            next += 2 + count;
        }
        int highest = -1;
        int up = NONE;
        for (int i = parentCount(e) - 1, last = i; i >= 0; i--) {
            int parent = parent(e, i);
            ImageReader.require(parent >= 0 && parent < e, NO_PLACE, e);
            highest = Math.max(highest, generation.get(parent));
            up = i == last ? parent : dominators.nearestCommon(up, parent);
        }
        ImageReader.require(generation.get(e) == highest + 1 && dominators.isRight(e, up), NO_PLACE, e);
        return next;
    }

    /**
     * Refuses a graph whose events name keys that there aren't.
     *
     * @param keyCount how many keys there are
     * @throws ImageReader.DamagedException if one does
     */
    public void requireKeys(int keyCount) {
        for (int e = 0; e < size; e++) {
            ImageReader.require(key(e) < keyCount, "the key of an event", e);
        }
    }
}
