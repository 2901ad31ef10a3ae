package dev.livesync.database.history;

import dev.livesync.api.Cid;
import dev.livesync.database.image.ImageReader;
import dev.livesync.database.image.ImageWriter;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

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
        members.set(e); // first, or clearing the highest would look for the next one through all words below
        for (int i = 0; i < parents; i++) {
            int parent = graph.parent(e, i);
            if (members.get(parent)) {
                members.clear(parent);
                replaced++;
            }
        }
        size += 1 - replaced;
        if (size == 1) {
            sorted = new int[] {e};
            addedCount = 0;
            exact = true;
            common = e;
            return;
        }
        append(e);
        // The chain of e goes on from what its parents have in common. Of the heads before, its parents among them
        // included, the common
        // ancestor lies on that chain or above; and taking out parents changes nothing, since e leads to where they do.
        common = graph.nearestCommonAncestor(common, e);
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

    private int[] merged() {
        int[] found = Arrays.stream(added, 0, addedCount).filter(members::get).toArray();
        Cid[] cids = graph.cids(found);
        int[] order = IntStream.range(0, found.length).toArray();
        IntSort.sort(order, (a, b) -> cids[a].compareTo(cids[b]));
        int[] fresh = Arrays.stream(order).map(i -> found[i]).toArray();
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
