package dev.livesync.database.history;

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
        int replaced = 0;
        for (int i = graph.parentCount(e) - 1; i >= 0; i--) {
            int at = position(graph.parent(e, i));
            if (at >= 0) {
                remove(at);
                replaced++;
            }
        }
        boolean first = heads.length == 0;
        insert(e);
        if (first) {
            common = e;
        } else if (replaced == 0) {
            common = graph.nearestCommonAncestor(common, e);
        } else if (replaced > 1 || graph.parentCount(e) > 1) {
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

    private int position(int e) {
        if (heads.length <= 8) {
            for (int i = 0; i < heads.length; i++) {
                if (heads[i] == e) {
                    return i;
                }
            }
            return -1;
        }
        int at = search(e);
        return at < heads.length && heads[at] == e ? at : -1;
    }

    private int search(int e) {
        int from = 0;
        int to = heads.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (graph.cid(heads[middle]).compareTo(graph.cid(e)) < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    private void remove(int at) {
        int[] fewer = Arrays.copyOf(heads, heads.length - 1);
        System.arraycopy(heads, at + 1, fewer, at, fewer.length - at);
        heads = fewer;
    }

    private void insert(int e) {
        int at = heads.length == 0 ? 0 : search(e);
        int[] more = Arrays.copyOf(heads, heads.length + 1);
        System.arraycopy(heads, at, more, at + 1, heads.length - at);
        more[at] = e;
        heads = more;
    }
}
