package dev.livesync.database.history;

import dev.livesync.api.Cid;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.columns.IntSort;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The maximal events and their nearest common ancestor, kept up to date event by event, at a cost that does not depend on how many there
 * are; they are put in order when somebody asks, and then only what is new needs to find its place. For the writer.
 */
final class Heads {
    private static final int FEW = 32;

    private final EventGraph graph;
    /** Which events are heads. */
    private final BitSet members = new BitSet();

    private int size;
    /** Heads in text order of their CIDs, possibly with events that are no longer heads; replaced, never changed. */
    private int[] sorted = {};

    private Cid[] sortedCids = {};
    /** Whether some of those are no longer heads. */
    private boolean isPatchy;
    /** Heads added since, in order of arrival; possibly with some that are no longer heads. */
    private int[] added = new int[4];

    private int addedCount;
    /** All of them in order, once asked for. */
    private @Nullable List<Cid> cids;
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
        if (isPatchy || addedCount > 0) {
            sort();
        }
        return sorted;
    }

    /** The CIDs of {@link #get}; immutable. */
    List<Cid> cids() {
        List<Cid> known = cids;
        if (known == null) {
            get();
            known = List.of(sortedCids);
            cids = known;
        }
        return known;
    }

    /** All, in no order; a new array. */
    int[] unordered() {
        int[] result = Arrays.copyOf(sorted, sorted.length + addedCount);
        System.arraycopy(added, 0, result, sorted.length, addedCount);
        int count = 0;
        for (int e : result) {
            if (members.get(e)) {
                result[count++] = e;
            }
        }
        return Arrays.copyOf(result, count);
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
        cids = null;
        isPatchy |= replaced > 0;
        if (size == 1) {
            sorted = new int[] {e};
            sortedCids = new Cid[] {graph.cid(e)};
            isPatchy = false;
            addedCount = 0;
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
        if (addedCount == added.length) {
            keepMembersAdded();
            if (2 * addedCount > added.length) {
                added = Arrays.copyOf(added, Math.max(FEW, 2 * addedCount));
            }
        }
        added[addedCount++] = e;
    }

    private void keepMembersAdded() {
        int kept = 0;
        for (int i = 0; i < addedCount; i++) {
            if (members.get(added[i])) {
                added[kept++] = added[i];
            }
        }
        addedCount = kept;
    }

    /** Merges what was added into what is sorted, and leaves out what is no head any more. */
    private void sort() {
        keepMembersAdded();
        int[] fresh = Arrays.copyOf(added, addedCount);
        Cid[] freshCids = graph.cids(fresh);
        int[] order = IntStream.range(0, fresh.length).toArray();
        IntSort.sort(order, (a, b) -> freshCids[a].compareTo(freshCids[b]));
        int[] result = new int[size];
        Cid[] resultCids = new Cid[size];
        int from = 0;
        int at = 0;
        for (int i : order) {
            int to = search(from, freshCids[i]);
            at = keep(from, to, result, resultCids, at);
            from = to;
            result[at] = fresh[i];
            resultCids[at++] = freshCids[i];
        }
        keep(from, sorted.length, result, resultCids, at);
        sorted = result;
        sortedCids = resultCids;
        isPatchy = false;
        addedCount = 0;
    }

    /** Copies a range of the sorted events without those that are no longer heads; returns the position behind it. */
    private int keep(int from, int to, int[] result, Cid[] resultCids, int start) {
        if (!isPatchy) {
            System.arraycopy(sorted, from, result, start, to - from);
            System.arraycopy(sortedCids, from, resultCids, start, to - from);
            return start + to - from;
        }
        int at = start;
        for (int i = from; i < to; i++) {
            if (members.get(sorted[i])) {
                result[at] = sorted[i];
                resultCids[at++] = sortedCids[i];
            }
        }
        return at;
    }

    /** The position where a CID belongs, at {@code first} or later, and probably not far from there. */
    private int search(int first, Cid cid) {
        int step = 1;
        int to = first;
        while (to < sortedCids.length && sortedCids[to].compareTo(cid) < 0) {
            to = Math.min(sortedCids.length, to + step);
            step *= 2;
        }
        int at = Arrays.binarySearch(sortedCids, Math.max(first, to - step / 2), to, cid);
        return at < 0 ? -1 - at : at;
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
        members.set(0, graph.size());
        for (int e = 0; e < graph.size(); e++) {
            for (int i = graph.parentCount(e) - 1; i >= 0; i--) {
                members.clear(graph.parent(e, i));
            }
        }
        for (int head : sorted) {
            ImageReader.require(head >= 0 && members.get(head), "a head", head);
        }
        size = sorted.length;
        sortedCids = graph.cids(sorted);
        for (int i = 1; i < size; i++) {
            ImageReader.require(sortedCids[i - 1].compareTo(sortedCids[i]) < 0, "a head out of order", sorted[i]);
        }
        ImageReader.require(
                size == members.cardinality() && common == graph.nearestCommonAncestor(sorted),
                "heads of the history",
                size);
    }
}
