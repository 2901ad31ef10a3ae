package dev.livesync.database.history;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** How one key was decided between events of which none knew of another. */
public final class Decision {
    private final int key;
    private final int[] events;
    private final long[] weights;

    /** The events and their weights; takes both. */
    Decision(EventGraph graph, int key, int[] events, long[] weights) {
        this.key = key;
        int[] order = IntStream.range(0, events.length)
                .boxed()
                .sorted(best(graph, events, weights))
                .mapToInt(Integer::intValue)
                .toArray();
        this.events = Arrays.stream(order).map(i -> events[i]).toArray();
        this.weights = Arrays.stream(order).mapToLong(i -> weights[i]).toArray();
    }

    private static Comparator<Integer> best(EventGraph graph, int[] events, long[] weights) {
        return (a, b) ->
                a.equals(b) ? 0 : CurrentDocuments.wins(graph, events[a], weights[a], events[b], weights[b]) ? -1 : 1;
    }

    /**
     * The key.
     *
     * @return its number
     */
    public int key() {
        return key;
    }

    /**
     * How many events there were.
     *
     * @return at least two
     */
    public int size() {
        return events.length;
    }

    /**
     * One of the events.
     *
     * @param place 0 for the one that won; the next would win without the ones before it
     * @return its index
     */
    public int event(int place) {
        return events[place];
    }

    /**
     * The weight of one of the events.
     *
     * @param place as in {@link #event}
     * @return the sum of the lengths of all ways to it, saturated
     */
    public long weight(int place) {
        return weights[place];
    }
}
