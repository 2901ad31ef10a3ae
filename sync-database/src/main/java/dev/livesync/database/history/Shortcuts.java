package dev.livesync.database.history;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * For an event, where the paths end that leave its block of indexes downwards: how many there are to each end and how long they are
 * together. What lies below an event never changes, so neither does this, and a pass over a window of a hundred thousand events that
 * looks for one old candidate costs a few hundred steps the second time. For the writer.
 */
final class Shortcuts {
    /** The number of indexes in a block. */
    static final int BLOCK = 512;

    /** The most ends of a shortcut. */
    private static final int MOST_ENDS = 16;

    private static final int MOST_REMEMBERED = 1 << 15;

    private static final Ends TOO_MANY = new Ends(true);

    private final EventGraph graph;
    private final Map<Integer, Ends> remembered = new HashMap<>();
    private final long[] n = new long[BLOCK];
    private final long[] d = new long[BLOCK];
    private long visited;

    Shortcuts(EventGraph graph) {
        this.graph = graph;
    }

    /** Ends of paths from one event. */
    static final class Ends {
        private final boolean tooMany;
        int[] events = new int[2];
        long[] n = new long[2];
        long[] d = new long[2];
        int count;

        private Ends(boolean tooMany) {
            this.tooMany = tooMany;
        }

        /** Whether there are few enough ends to be kept. */
        boolean isShort() {
            return !tooMany;
        }

        private void add(int e, long paths, long length) {
            int i = 0;
            while (i < count && events[i] != e) {
                i++;
            }
            if (i == count) {
                if (i == events.length) {
                    events = Arrays.copyOf(events, 2 * i);
                    n = Arrays.copyOf(n, 2 * i);
                    d = Arrays.copyOf(d, 2 * i);
                }
                events[count++] = e;
            }
            n[i] = plus(n[i], paths);
            d[i] = plus(d[i], length);
        }
    }

    Ends from(int e) {
        Ends known = remembered.get(e);
        if (known == null) {
            if (remembered.size() >= MOST_REMEMBERED) {
                remembered.clear();
            }
            known = compute(e);
            remembered.put(e, known);
        }
        return known;
    }

    /** How many events were visited to find the ends. */
    long visited() {
        return visited;
    }

    private Ends compute(int from) {
        int start = from & -BLOCK;
        Arrays.fill(n, 0);
        Arrays.fill(d, 0);
        n[from - start] = 1;
        Ends ends = new Ends(false);
        for (int at = from - start; at >= 0; at--) {
            if (n[at] == 0) {
                continue;
            }
            visited++;
            long further = plus(d[at], n[at]);
            for (int i = graph.parentCount(start + at) - 1; i >= 0; i--) {
                int parent = graph.parent(start + at, i) - start;
                if (parent < 0) {
                    ends.add(start + parent, n[at], further);
                    if (ends.count > MOST_ENDS) {
                        return TOO_MANY;
                    }
                } else {
                    n[parent] = plus(n[parent], n[at]);
                    d[parent] = plus(d[parent], further);
                }
            }
        }
        return ends;
    }

    /** The sum of two that are not negative, at most {@link Long#MAX_VALUE}. */
    static long plus(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
