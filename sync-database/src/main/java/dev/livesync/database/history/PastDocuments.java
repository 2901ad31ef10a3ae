package dev.livesync.database.history;

import dev.livesync.database.columns.IntSort;
import dev.livesync.database.columns.KeyTable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * The documents at any heads, {@code M(H)}, from scratch: {@code T(e)} is {@code M({e})}.
 *
 * <p>From the heads downwards: the window of the heads, then their nearest common ancestor's own operation, then the window of that event's
 * parents, and so on along the dominators. What decides a key first, decides it. Costs the events back to the last undecided
 * key, at worst the history, and memory for the largest window.
 *
 * <p><strong>Threads.</strong> Any thread, without a lock, if the indexes it passes are below a {@link EventGraph#size()} that it has read.
 */
public final class PastDocuments {
    /** Up to this many candidates of a key are compared one by one. */
    private static final int FEW = 8;

    private final KeyTable keys;
    private final EventGraph graph;

    /**
     * Creates a reader of a history.
     *
     * @param keys the keys' numbers
     * @param graph the events
     */
    public PastDocuments(KeyTable keys, EventGraph graph) {
        this.keys = keys;
        this.graph = graph;
    }

    /**
     * The documents at some heads.
     *
     * @param heads indexes of events in any order; those that are ancestors of others are ignored
     * @return the indexes of the puts that made the documents, ascending by key; a new array
     */
    public int[] at(int... heads) {
        Scan scan = new Scan(false);
        scan.run(heads);
        int[] puts = Arrays.copyOf(scan.puts, scan.count);
        IntSort.sort(puts, (a, b) -> keys.name(graph.key(a)).compareTo(keys.name(graph.key(b))));
        return puts;
    }

    /**
     * Some document that deletes leave: one of {@code M(parents)} under another key than these. For an event that deletes a key and names
     * no root, this tells an interior event from one that emptied the database. Usually finds a document at once.
     *
     * @param parents indexes of the parents of the event, or of the first event of the chain that ends in it
     * @param deleted the numbers of the keys which the event deletes, and the chain before it if any
     * @return the index of a put that remains, or {@link EventGraph#NONE} if nothing does
     */
    public int anyAfter(int[] parents, int... deleted) {
        Scan scan = new Scan(true);
        for (int key : deleted) {
            scan.decided.set(key);
        }
        scan.run(parents);
        return scan.count == 0 ? EventGraph.NONE : scan.puts[0];
    }

    private final class Scan {
        private final boolean stopAtFirst;
        final BitSet decided = new BitSet();
        int[] puts = new int[16];
        int count;

        /** The candidates of the window: event, weight, and the number of the next one of the same key. */
        private int[] events = new int[0];

        private long[] weights = new long[0];
        private int[] next = new int[0];
        private int candidates;
        /** By key: the number of its first candidate plus one. */
        private int[] first = new int[0];
        /** By key: how many candidates, and once they are many, what they descend from. */
        private int[] many = new int[0];

        private final Map<Integer, AncestorSet> reaches = new HashMap<>();

        Scan(boolean stopAtFirst) {
            this.stopAtFirst = stopAtFirst;
        }

        void run(int[] heads) {
            int[] from = graph.maximal(Arrays.stream(heads).sorted().distinct().toArray(), false);
            while (from.length > 0 && !(stopAtFirst && count > 0)) {
                if (stopAtFirst && decideByHeads(from)) {
                    return;
                }
                int common = graph.nearestCommonAncestor(from);
                if (from.length > 1) {
                    window(from, common);
                }
                int e = common;
                while (e != EventGraph.NONE && !(stopAtFirst && count > 0)) {
                    decide(e);
                    if (graph.parentCount(e) > 1) {
                        break;
                    }
                    e = graph.up(e);
                }
                from = e == EventGraph.NONE ? new int[0] : graph.parents(e);
            }
        }

        /** A key that heads write is decided by one of them, since nothing is nearer; true if one of those puts. */
        private boolean decideByHeads(int[] heads) {
            Map<Integer, Integer> winners = new HashMap<>();
            for (int head : heads) {
                winners.merge(graph.key(head), head, (a, b) -> CurrentDocuments.wins(graph, a, 0, b, 0) ? a : b);
            }
            for (int winner : winners.values()) {
                decide(winner);
                if (count > 0) {
                    return true;
                }
            }
            return false;
        }

        private void decide(int e) {
            int key = graph.key(e);
            if (!decided.get(key)) {
                decided.set(key);
                if (!graph.isDelete(e)) {
                    puts = count < puts.length ? puts : Arrays.copyOf(puts, 2 * count);
                    puts[count++] = e;
                }
            }
        }

        private void window(int[] from, int common) {
            if (first.length == 0) {
                first = new int[keys.size()];
                many = new int[keys.size()];
            }
            candidates = 0;
            reaches.clear();
            new Weights(graph, from, common, null).run((e, d) -> {
                int key = graph.key(e);
                if (!decided.get(key) && !isBelowCandidate(e, key)) {
                    addCandidate(e, d, key);
                    if (++many[key] > FEW) {
                        reach(key, common + 1).add(e, Long.MAX_VALUE);
                    }
                }
                return true;
            });
            for (int i = 0; i < candidates; i++) {
                int key = graph.key(events[i]);
                if (first[key] != 0) {
                    decide(best(first[key] - 1));
                    first[key] = 0;
                    many[key] = 0;
                }
            }
        }

        /** With all candidates so far: events come from the highest index down, so the others' ancestors are all still to come. */
        private AncestorSet reach(int key, int floor) {
            AncestorSet reach = reaches.get(key);
            if (reach == null) {
                reach = new AncestorSet(graph, floor);
                for (int c = next[first[key] - 1]; c >= 0; c = next[c]) {
                    reach.add(events[c], Long.MAX_VALUE);
                }
                reaches.put(key, reach);
            }
            return reach;
        }

        private boolean isBelowCandidate(int e, int key) {
            if (many[key] > FEW) {
                graph.counted(1);
                return reach(key, 0).has(e);
            }
            for (int c = first[key] - 1; c >= 0; c = next[c]) {
                if (graph.isAncestor(e, events[c])) {
                    return true;
                }
            }
            return false;
        }

        private void addCandidate(int e, long d, int key) {
            if (candidates == events.length) {
                int length = Math.max(16, 2 * candidates);
                events = Arrays.copyOf(events, length);
                weights = Arrays.copyOf(weights, length);
                next = Arrays.copyOf(next, length);
            }
            events[candidates] = e;
            weights[candidates] = d;
            next[candidates] = first[key] - 1;
            first[key] = ++candidates;
        }

        private int best(int list) {
            int best = list;
            for (int c = next[list]; c >= 0; c = next[c]) {
                if (CurrentDocuments.wins(graph, events[c], weights[c], events[best], weights[best])) {
                    best = c;
                }
            }
            return events[best];
        }
    }
}
