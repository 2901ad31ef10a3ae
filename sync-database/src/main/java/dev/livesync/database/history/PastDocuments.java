package dev.livesync.database.history;

import dev.livesync.database.columns.IntSort;
import dev.livesync.database.columns.KeyTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

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

    /** Instead of one key's number. */
    private static final int ALL = -1;

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
        Scan scan = new Scan(false, ALL);
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
        Scan scan = new Scan(true, ALL);
        for (int key : deleted) {
            scan.decided.set(key);
        }
        scan.run(parents);
        return scan.count == 0 ? EventGraph.NONE : scan.puts[0];
    }

    /**
     * Leaves out events that are ancestors of others.
     *
     * @param events indexes in any order
     * @return the others, each once, ascending; a new array
     */
    public int[] newest(int... events) {
        return graph.maximal(Arrays.stream(events).sorted().distinct().toArray(), false);
    }

    /**
     * One document at some heads.
     *
     * @param key the key's number
     * @param heads as in {@link #at}
     * @return the index of the put that made it, or {@link EventGraph#NONE} if there is no such document
     */
    public int document(int key, int... heads) {
        Scan scan = new Scan(false, key);
        scan.run(heads);
        return scan.count == 0 ? EventGraph.NONE : scan.puts[0];
    }

    /**
     * The keys that were written by events of which none knew of another, and not written over since.
     *
     * @param heads as in {@link #at}
     * @return how each was decided, ascending by key; a new list
     */
    public List<Decision> conflicts(int... heads) {
        Scan scan = new Scan(false, ALL);
        scan.run(heads);
        scan.decisions.sort(Comparator.comparing(decision -> keys.name(decision.key())));
        return scan.decisions;
    }

    /**
     * How one key was decided.
     *
     * @param key the key's number
     * @param heads as in {@link #at}
     * @return empty if it isn't in conflict
     */
    public Optional<Decision> conflict(int key, int... heads) {
        Scan scan = new Scan(false, key);
        scan.run(heads);
        return scan.decisions.stream().findFirst();
    }

    /**
     * The event that decides one key.
     *
     * @param key the key's number
     * @param heads as in {@link #at}
     * @return the index of a put or delete, or {@link EventGraph#NONE} if none of the events writes the key
     */
    public int winner(int key, int... heads) {
        Scan scan = new Scan(false, key);
        scan.run(heads);
        return scan.winners.nextSetBit(0);
    }

    /**
     * The events that decide a key each: what they say holds.
     *
     * @param heads as in {@link #at}
     * @return indexes, puts and deletes
     */
    public BitSet winners(int... heads) {
        Scan scan = new Scan(false, ALL);
        scan.run(heads);
        return scan.winners;
    }

    private final class Scan {
        private final boolean stopAtFirst;
        /** The only key that matters, or ALL. */
        private final int only;

        final BitSet winners = new BitSet();
        final List<Decision> decisions = new ArrayList<>();
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

        Scan(boolean stopAtFirst, int only) {
            this.stopAtFirst = stopAtFirst;
            this.only = only;
        }

        private boolean isDone() {
            return stopAtFirst ? count > 0 : only != ALL && decided.get(only);
        }

        /** Whether a key is decided already, or doesn't matter. */
        private boolean isOver(int key) {
            return only != ALL && key != only || decided.get(key);
        }

        void run(int[] heads) {
            int[] from = newest(heads);
            while (from.length > 0 && !isDone()) {
                if (stopAtFirst && decideByHeads(from)) {
                    return;
                }
                int common = graph.nearestCommonAncestor(from);
                if (from.length > 1) {
                    window(from, common);
                }
                int e = common;
                while (e != EventGraph.NONE && !isDone()) {
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
            if (!isOver(key)) {
                decided.set(key);
                winners.set(e);
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
                if (!isOver(key) && !isBelowCandidate(e, key)) {
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
                    tellConflict(key);
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

        private void tellConflict(int key) {
            if (next[first[key] - 1] < 0) {
                return;
            }
            int[] list =
                    IntStream.iterate(first[key] - 1, c -> c >= 0, c -> next[c]).toArray();
            decisions.add(new Decision(
                    graph,
                    key,
                    Arrays.stream(list).map(c -> events[c]).toArray(),
                    Arrays.stream(list).mapToLong(c -> weights[c]).toArray()));
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
