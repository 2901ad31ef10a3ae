package dev.livesync.database.history;

import dev.livesync.database.image.ImageReader;
import dev.livesync.database.image.ImageWriter;
import java.util.Arrays;

/** The maximal events and their nearest common ancestor, kept up to date event by event. For the writer. */
final class Heads {
    private final EventGraph graph;
    /** In text order of the CIDs; replaced, never changed. */
    private int[] heads = {};
    /** Their nearest common ancestor. */
    private int common = EventGraph.NONE;

    Heads(EventGraph graph) {
        this.graph = graph;
    }

    int[] get() {
        return heads;
    }

    int common() {
        return common;
    }

    /** Adds an event of which nothing descends yet; its parents are heads no longer. */
    void add(int e) {
        if (heads.length == 1 && graph.parentCount(e) == 1 && graph.parent(e, 0) == heads[0]) {
            heads = new int[] {e};
            common = e;
            return;
        }
        int[] parents = graph.parents(e);
        Arrays.sort(parents);
        int[] next = new int[heads.length + 1];
        int count = 0;
        for (int h : heads) {
            if (Arrays.binarySearch(parents, h) < 0) {
                next[count++] = h;
            }
        }
        int replaced = heads.length - count;
        int at = search(next, count, e);
        System.arraycopy(next, at, next, at + 1, count - at);
        next[at] = e;
        heads = Arrays.copyOf(next, count + 1);
        if (count == 0) {
            common = e;
        } else if (replaced == 0) {
            common = graph.nearestCommonAncestor(common, e);
        } else if (replaced > 1 || parents.length > 1) {
            common = commonOfAll(e, graph.nearestCommonAncestor(common, e));
        }
        // Else e has taken the place of its only parent: the others' common ancestor with it lies above both.
    }

    /** No need to ask every head: it cannot lie below what the heads had in common before and {@code e}. */
    private int commonOfAll(int e, int lowest) {
        int result = e;
        for (int i = 0; i < heads.length && result != lowest; i++) {
            result = graph.nearestCommonAncestor(result, heads[i]);
        }
        return result;
    }

    /** Where an event belongs among the first {@code count}. */
    private int search(int[] sorted, int count, int e) {
        int from = 0;
        int to = count;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (graph.cid(sorted[middle]).compareTo(graph.cid(e)) < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    void save(ImageWriter out) {
        out.putInt(common);
        out.putInt(heads.length);
        out.putInts(heads, heads.length);
    }

    void load(ImageReader in) {
        common = in.getInt();
        heads = new int[in.getCount(4)];
        in.getInts(heads, heads.length);
    }
}
