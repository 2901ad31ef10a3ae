package dev.livesync.database.history;

import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.columns.IntColumn;

/**
 * The dominator forest of a history: {@code up(e)} is the last event that every path from {@code e} to a root passes. Each event
 * keeps {@code up}, its depth and one jump pointer whose length follows the skew-binary numbers, so that any ancestor in the
 * forest is a logarithmic number of steps away.
 *
 * <p>Two facts make it worth having. An ancestor {@code a} of {@code e} and a dominator {@code x} of {@code e} are always ancestor
 * and descendant of each other (or equal), and since indexes ascend from parent to child, <em>which</em> is the other's ancestor is
 * a comparison of two ints. And all of history beyond a common dominator {@code A} of the heads is exactly the events with an
 * index above {@code A}'s.
 *
 * <p>Threads as for {@link IntColumn}.
 *
 * @see <a href="https://doi.org/10.1016/0020-0190(83)90106-0">E. W. Myers, An applicative random-access stack, 1983</a>
 */
final class Dominators {
    private static final int NONE = EventGraph.NONE;

    private final IntColumn up = new IntColumn();
    private final IntColumn jump = new IntColumn();
    private final IntColumn depth = new IntColumn();

    void add(int e, int dominator) {
        up.set(e, dominator);
        depth.set(e, depth(dominator) + 1);
        jump.set(e, jumpFrom(dominator));
    }

    private int jumpFrom(int dominator) {
        int far = jump(dominator);
        boolean join = dominator != NONE && depth(dominator) - depth(far) == depth(far) - depth(jump(far));
        return join ? jump(far) : dominator;
    }

    int up(int e) {
        return up.get(e);
    }

    /** The first event common to the chains of two; {@link EventGraph#NONE} is the end of every chain. */
    int nearestCommon(int a, int b) {
        int x = a;
        int y = b;
        while (x != y) {
            int dx = depth(x);
            int dy = depth(y);
            if (dx > dy) {
                x = towards(x, dy);
            } else if (dy > dx) {
                y = towards(y, dx);
            } else if (jump(x) != jump(y)) {
                x = jump(x);
                y = jump(y);
            } else {
                x = up(x);
                y = up(y);
            }
        }
        return x;
    }

    /**
     * The last event on the chain of {@code e} whose index is not below {@code floor}. If {@code floor} is an ancestor of {@code e},
     * it is that event itself or lies between that event and its {@code up}.
     */
    int lift(int e, int floor) {
        int x = e;
        while (up(x) >= floor) {
            x = jump(x) >= floor ? jump(x) : up(x);
        }
        return x;
    }

    private int towards(int e, int level) {
        return depth(jump(e)) >= level ? jump(e) : up(e);
    }

    int depth(int e) {
        return e == NONE ? -1 : depth.get(e);
    }

    int jump(int e) {
        return e == NONE ? NONE : jump.get(e);
    }

    void save(ImageWriter out, int size) {
        up.save(out, size);
        jump.save(out, size);
        depth.save(out, size);
    }

    void load(ImageReader in, int size) {
        up.load(in, size);
        jump.load(in, size);
        depth.load(in, size);
    }

    /** Whether an event has the place that {@link #add} gives it; earlier ones have theirs. */
    boolean isRight(int e, int dominator) {
        return up(e) == dominator && depth(e) == depth(dominator) + 1 && jump(e) == jumpFrom(dominator);
    }
}
