package dev.livesync.database.history;

import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.columns.IntColumn;
import dev.livesync.database.columns.IntMap;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Tells ancestors from concurrent events, in memory linear in the number of parents.
 *
 * <p><strong>What is kept.</strong> An event goes on with the chain of a parent that is still its chain's tip (the oldest such chain),
 * or else opens one whose <em>base</em> is a parent. So a chain is one writer's work in most histories, and on it order is the order
 * of indexes. A parent that is neither predecessor nor base is <em>foreign</em>, and an event with foreign parents is a merge. Every merge
 * knows an earlier one on its chain: the latest, except that of successive merges with the same foreign chain only the newest
 * counts, for it reaches furthest.
 *
 * <p><strong>A question</strong> is answered by the dominators alone where the history between the two is linear, a fork, or diamonds one after
 * another, which is nearly always. What remains is a search over chains, not events: each chain is entered at its highest position
 * found, walked merge by merge down to the index of the event looked for, and lifted over closed diamonds on the way. Two writers
 * who are never in step take two steps.
 *
 * <p>What is kept for an event never changes, so threads are as for {@link IntColumn}. A chain's tip and latest merge are the writer's alone; its {@code exposed}
 * only grows, and a reader who sees too much of it searches in vain, no more.
 */
final class Chains {
    private static final int NONE = EventGraph.NONE;

    private final EventGraph graph;
    private final Dominators dominators;
    private final IntColumn chain = new IntColumn();
    private final IntColumn base = new IntColumn();
    private final IntColumn tip = new IntColumn();
    /** By chain: the latest merge on it. */
    private final IntColumn merge = new IntColumn();
    /** By chain: the highest event on it that an event of another chain names as a parent. */
    private final IntColumn exposed = new IntColumn();

    private int chains;
    /** Merges looked at by searches: lets tests see the cost. Racy, since readers count too. */
    private long steps;

    Chains(EventGraph graph, Dominators dominators) {
        this.graph = graph;
        this.dominators = dominators;
    }

    /** Whether no event has this one as a parent yet. For the writer. */
    boolean isLeaf(int e) {
        int c = chain.get(e);
        return tip.get(c) == e && exposed.get(c) < e;
    }

    /**
     * Puts the parent whose chain goes on first, or if none does, the highest as the new chain's base.
     *
     * @return whether a chain goes on
     */
    boolean arrange(int[] parents) {
        int best = -1;
        int highest = 0;
        for (int i = 0; i < parents.length; i++) {
            int c = chain.get(parents[i]);
            if (tip.get(c) == parents[i] && (best < 0 || c < chain.get(parents[best]))) {
                best = i;
            }
            if (parents[i] > parents[highest]) {
                highest = i;
            }
        }
        if (parents.length > 0) {
            int first = best >= 0 ? best : highest;
            int own = parents[first];
            parents[first] = parents[0];
            parents[0] = own;
        }
        return best >= 0;
    }

    /** Adds an event; its parents are in the graph, as {@link #arrange} left them. */
    void add(int e, int[] parents, boolean goesOn) {
        int c;
        if (goesOn) {
            c = chain.get(parents[0]);
        } else {
            c = chains++;
            base.set(c, parents.length == 0 ? NONE : parents[0]);
            exposed.set(c, NONE);
            merge.set(c, NONE);
        }
        chain.set(e, c);
        tip.set(c, e);
        if (parents.length > 1) {
            merge.set(c, e);
        }
        for (int i = goesOn ? 1 : 0; i < parents.length; i++) {
            int foreign = chain.get(parents[i]);
            exposed.set(foreign, Math.max(exposed.get(foreign), parents[i]));
        }
    }

    /** The merge below a new merge on its chain that a search visits next. */
    int mergeBelow(int[] parents, boolean goesOn) {
        int below = goesOn ? merge.get(chain.get(parents[0])) : NONE;
        boolean sameForeign = below != NONE
                && parents.length == 2
                && graph.parentCount(below) == 2
                && chain.get(graph.parent(below, 1)) == chain.get(parents[1]);
        return sameForeign ? graph.mergeBelow(below) : below;
    }

    /** The number of an event's chain. */
    int of(int e) {
        return chain.get(e);
    }

    /** The base of an event's chain: a parent of its first event, or NONE. */
    int base(int e) {
        return base.get(chain.get(e));
    }

    /**
     * The nearest merge at or below {@code e} on its chain, or if there is none, the chain's first event. An event with one parent is one
     * deeper among the dominators and one generation later than its parent, a merge more than one generation; so where both differ by
     * the same there is no merge in between.
     */
    int runStart(int e) {
        int x = e;
        while (graph.parentCount(x) == 1 && chain.get(dominators.up(x)) == chain.get(x)) {
            int far = dominators.jump(x);
            boolean linear = far != NONE
                    && chain.get(far) == chain.get(x)
                    && graph.generation(x) - graph.generation(far) == dominators.depth(x) - dominators.depth(far);
            x = linear ? far : dominators.up(x);
        }
        return x;
    }

    /** Whether {@code a} is an ancestor of {@code e}, not itself. */
    boolean isAncestor(int a, int e) {
        if (a >= e) {
            return false;
        }
        int c = chain.get(a);
        if (chain.get(e) == c) {
            return true;
        }
        int x = dominators.lift(e, a);
        if (x == a) {
            return true;
        }
        // The one parent of x, if it has only one, is its dominator and lies below a.
        if (graph.parentCount(x) < 2 || exposed.get(c) < a) {
            return false;
        }
        return chain.get(x) == c || new Search(a).from(x);
    }

    long steps() {
        return steps;
    }

    /** Takes a snapshot of the first events, which any thread can write. For the writer. What is kept of a chain changes, so it is copied. */
    Consumer<ImageWriter> snapshot(int size) {
        int count = chains;
        byte[] ofChains = ImageWriter.bytes(out -> {
            for (IntColumn column : new IntColumn[] {base, tip, merge, exposed}) {
                column.save(out, count);
            }
        });
        return out -> {
            out.putInt(count);
            chain.save(out, size);
            out.putBytes(ofChains, ofChains.length);
        };
    }

    void load(ImageReader in, int size) {
        chains = in.getCount(16);
        chain.load(in, size);
        for (IntColumn column : new IntColumn[] {base, tip, merge, exposed}) {
            column.load(in, chains);
        }
        for (int e = 0; e < size; e++) {
            ImageReader.require(isBelow(chain.get(e), chains) && chain.get(e) >= 0, "the chain of an event", e);
        }
        for (int c = 0; c < chains; c++) {
            int last = tip.get(c);
            int m = merge.get(c);
            ImageReader.require(
                    last >= 0
                            && isBelow(last, size)
                            && chain.get(last) == c
                            && isBelow(base.get(c), size)
                            && isBelow(exposed.get(c), size)
                            && isBelow(m, size)
                            && (m == NONE || graph.parentCount(m) > 1),
                    "a chain",
                    c);
        }
    }

    /** Whether it is an event before another one, or none at all. */
    private static boolean isBelow(int e, int end) {
        return e >= NONE && e < end;
    }

    /** One search: the positions still to be walked down from, and how far each chain has been walked already. */
    private final class Search {
        private final int a;
        private int[] todo = new int[16];
        private int count;
        private final IntMap reached = new IntMap();

        Search(int a) {
            this.a = a;
        }

        boolean from(int start) {
            boolean found = enter(start);
            while (!found && count > 0) {
                int before = todo[--count];
                found = walk(todo[--count], before);
            }
            return found;
        }

        /** Looks at the merges of one chain, from a merge down to what was looked at before. */
        private boolean walk(int from, int before) {
            int c = chain.get(from);
            int m = from;
            while (true) {
                steps++;
                // The first parent is on the chain or is its base; it comes below.
                for (int i = graph.parentCount(m) - 1; i > 0; i--) {
                    if (enter(graph.parent(m, i))) {
                        return true;
                    }
                }
                int below = graph.mergeBelow(m);
                if (below == NONE) {
                    return enter(base.get(c));
                }
                if (below <= before || below < a) {
                    return false;
                }
                m = dominators.lift(below, a);
                if (m == below) {
                    continue;
                }
                // Whatever closed in between was jumped over, perhaps off this chain.
                if (chain.get(m) != c || m <= before || graph.parentCount(m) < 2) {
                    return enter(m);
                }
            }
        }

        /** Records that {@code e} is an ancestor of the start of the search; true if that answers the question. */
        private boolean enter(int e) {
            if (e < a) {
                return false;
            }
            int x = dominators.lift(e, a);
            int c = chain.get(x);
            if (x == a || c == chain.get(a)) {
                return true;
            }
            if (graph.parentCount(x) > 1) {
                int before = reached.raise(c, x, NONE);
                if (before < x) {
                    if (count + 2 > todo.length) {
                        todo = Arrays.copyOf(todo, 2 * todo.length);
                    }
                    todo[count++] = x;
                    todo[count++] = before;
                }
            }
            return false;
        }
    }
}
