package dev.livesync.database.history;

import dev.livesync.database.image.ImageReader;
import dev.livesync.database.image.ImageWriter;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The maximal events and their nearest common ancestor, kept up to date event by event, at a cost that does not depend on how many there
 * are; they are put in order when somebody asks. For the writer.
 */
final class Heads {
    private static final int FEW = 32;

    private final EventGraph graph;
    /** Which events are heads. */
    private final BitSet members = new BitSet();

    private int size;
    /** Heads in text order of the CIDs, and events that are heads no longer; replaced, never changed. */
    private int[] sorted = {};
    /** What came after them, in order of arrival; also with some that are heads no longer. */
    private int[] added = new int[4];

    private int addedCount;
    private boolean exact = true;
    /** Their nearest common ancestor. */
    private int common = EventGraph.NONE;
    /** A head that had nothing lower than that in common with another one. */
    private int witness = EventGraph.NONE;

    Heads(EventGraph graph) {
        this.graph = graph;
    }

    /** How many. */
    int size() {
        return size;
    }

    /** Whether an event is the only one. */
    boolean isOnly(int e) {
        return size == 1 && members.get(e);
    }

    /** All, in text order of the CIDs; not to be changed. */
    int[] get() {
        if (!exact) {
            sorted = merged();
            addedCount = 0;
            exact = true;
        }
        return sorted;
    }

    int common() {
        return common;
    }

    /** Adds an event of which nothing descends yet; its parents are heads no longer. */
    void add(int e) {
        int parents = graph.parentCount(e);
        int replaced = 0;
        for (int i = 0; i < parents; i++) {
            int parent = graph.parent(e, i);
            if (members.get(parent)) {
                members.clear(parent);
                replaced++;
            }
        }
        members.set(e);
        size += 1 - replaced;
        if (size == 1) {
            sorted = new int[] {e};
            addedCount = 0;
            exact = true;
            common = e;
            return;
        }
        append(e);
        if (replaced == 0) {
            common = graph.nearestCommonAncestor(common, e);
        } else if (replaced > 1 || parents > 1) {
            common = commonOfAll(e, graph.nearestCommonAncestor(common, e));
        }
        // Else e has taken the place of its only parent: the others' common ancestor with it lies above both.
    }

    private void append(int e) {
        exact = false;
        if (addedCount == added.length) {
            int kept = 0;
            for (int i = 0; i < addedCount; i++) {
                if (members.get(added[i])) {
                    added[kept++] = added[i];
                }
            }
            addedCount = kept;
            if (2 * kept > added.length) {
                added = Arrays.copyOf(added, Math.max(FEW, 2 * kept));
            }
        }
        added[addedCount++] = e;
    }

    /** No need to ask every head: it cannot lie below what the heads had in common before and {@code e}. */
    private int commonOfAll(int e, int lowest) {
        if (witness != EventGraph.NONE && members.get(witness) && graph.nearestCommonAncestor(e, witness) == lowest) {
            return lowest;
        }
        int result = commonOf(e, sorted, sorted.length, lowest);
        return result == lowest ? result : commonOf(result, added, addedCount, lowest);
    }

    private int commonOf(int first, int[] events, int count, int lowest) {
        int result = first;
        for (int i = 0; i < count && result != lowest; i++) {
            if (members.get(events[i])) {
                result = graph.nearestCommonAncestor(result, events[i]);
                witness = result == lowest ? events[i] : witness;
            }
        }
        return result;
    }

    private int[] merged() {
        int[] fresh = Arrays.stream(added, 0, addedCount).filter(members::get).toArray();
        IntSort.sort(fresh, (a, b) -> graph.cid(a).compareTo(graph.cid(b)));
        int[] old = Arrays.stream(sorted).filter(members::get).toArray();
        int[] result = new int[old.length + fresh.length];
        int from = 0;
        int at = 0;
        for (int e : fresh) {
            int to = search(old, from, e);
            System.arraycopy(old, from, result, at, to - from);
            at += to - from;
            from = to;
            result[at++] = e;
        }
        System.arraycopy(old, from, result, at, old.length - from);
        return result;
    }

    /** Where an event belongs, at the earliest at {@code first}. */
    private int search(int[] events, int first, int e) {
        int from = first;
        int to = events.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (graph.cid(events[middle]).compareTo(graph.cid(e)) < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    void save(ImageWriter out) {
        int[] heads = get();
        out.putInt(common);
        out.putInt(heads.length);
        out.putInts(heads, heads.length);
    }

    void load(ImageReader in) {
        common = in.getInt();
        sorted = new int[in.getCount(4)];
        in.getInts(sorted, sorted.length);
        for (int head : sorted) {
            members.set(head);
        }
        size = sorted.length;
    }
}
