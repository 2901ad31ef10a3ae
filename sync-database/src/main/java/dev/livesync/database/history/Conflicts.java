package dev.livesync.database.history;

import dev.livesync.database.history.Conflict.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * All conflicts, by whether the heads' nearest common ancestor lies above their candidates.
 *
 * <p><em>Open</em>: it doesn't, the candidates are in the heads' window, and what wins may change with every event. <em>Baked</em>: it
 * does; the merge that has the candidates in its own window decided, and that stays so until an event arrives that forks off below
 * them. Open ones are a heap and baked ones a stack, both by their lowest candidate, so following the common ancestor costs only what
 * really changes sides. Resolved ones are left in both until they are half of it. For the writer.
 */
final class Conflicts {
    private static final Comparator<Conflict> BY_LOWEST = Comparator.comparingInt(Conflict::lowest);

    private final EventGraph graph;
    private final List<Conflict> slots = new ArrayList<>();
    private final List<Integer> free = new ArrayList<>();
    private final List<Conflict> mixed = new ArrayList<>();

    /** A heap entry keeps the lowest candidate of when it was pushed: the conflict's own may have risen since. */
    private record Entry(int lowest, Conflict conflict) {}

    private PriorityQueue<Entry> open = new PriorityQueue<>(Comparator.comparingInt(Entry::lowest));
    private List<Conflict> baked = new ArrayList<>();
    private int deadOpen;
    private int deadBaked;

    Conflicts(EventGraph graph) {
        this.graph = graph;
    }

    Conflict get(int slot) {
        return slots.get(slot);
    }

    int size() {
        return slots.size() - free.size();
    }

    List<Conflict> mixed() {
        return mixed;
    }

    /** Adds a conflict between candidates in the heads' window. */
    void add(Conflict c) {
        if (free.isEmpty()) {
            c.slot = slots.size();
            slots.add(c);
        } else {
            c.slot = free.remove(free.size() - 1);
            slots.set(c.slot, c);
        }
        c.place = Place.OPEN;
        open.add(new Entry(c.lowest(), c));
        followMixed(c);
    }

    /** To be called after the candidates of a conflict changed. */
    void followMixed(Conflict c) {
        boolean isMixed = c.place != Place.RESOLVED && c.isMixed(graph);
        if (isMixed && c.mixedAt < 0) {
            c.mixedAt = mixed.size();
            mixed.add(c);
        } else if (!isMixed && c.mixedAt >= 0) {
            Conflict last = mixed.remove(mixed.size() - 1);
            if (last != c) {
                mixed.set(c.mixedAt, last);
                last.mixedAt = c.mixedAt;
            }
            c.mixedAt = -1;
        }
    }

    /** Forgets a conflict: one event of its key has all others as ancestors. */
    void resolve(Conflict c) {
        free.add(c.slot);
        boolean wasOpen = c.place == Place.OPEN;
        c.place = Place.RESOLVED;
        followMixed(c);
        if (wasOpen) {
            deadOpen++;
            if (deadOpen > 16 && deadOpen > open.size() / 2) {
                open.removeIf(e -> e.conflict.place == Place.RESOLVED);
                deadOpen = 0;
            }
        } else {
            deadBaked++;
            if (deadBaked > 16 && deadBaked > baked.size() / 2) {
                baked.removeIf(b -> b.place == Place.RESOLVED);
                deadBaked = 0;
            }
        }
    }

    /**
     * Follows the heads' common ancestor to where it is now.
     *
     * @param common its index
     * @param reopened told of each conflict that will be open, before it is
     */
    void follow(int common, Consumer<Conflict> reopened) {
        while (!baked.isEmpty() && baked.get(baked.size() - 1).lowest() > common) {
            Conflict c = baked.remove(baked.size() - 1);
            if (c.place == Place.RESOLVED) {
                deadBaked--;
            } else {
                reopened.accept(c);
                c.place = Place.OPEN;
                open.add(new Entry(c.lowest(), c));
            }
        }
        int from = baked.size();
        while (!open.isEmpty() && open.element().lowest <= common) {
            Conflict c = open.remove().conflict;
            if (c.place == Place.RESOLVED) {
                deadOpen--;
            } else if (c.lowest() > common) {
                open.add(new Entry(c.lowest(), c));
            } else {
                bake(c, common);
            }
        }
        baked.subList(from, baked.size()).sort(BY_LOWEST);
    }

    private void bake(Conflict c, int common) {
        c.place = Place.BAKED;
        if (c.scope != null && c.scope.event != graph.lift(common, c.lowest())) {
            c.scope = null;
        }
        baked.add(c);
    }

    /** The open conflicts, in no order. */
    List<Conflict> open() {
        List<Conflict> result = new ArrayList<>(open.size() - deadOpen);
        for (Entry e : open) {
            if (e.conflict.place == Place.OPEN) {
                result.add(e.conflict);
            }
        }
        return result;
    }

    /** The baked conflicts that an event decides and has not decided yet: those with candidates between its dominator and it. */
    List<Conflict> undecided(int event) {
        int up = graph.up(event);
        int at = 0;
        int to = baked.size();
        while (at < to) {
            int middle = (at + to) >>> 1;
            if (baked.get(middle).lowest() <= up) {
                at = middle + 1;
            } else {
                to = middle;
            }
        }
        List<Conflict> result = new ArrayList<>();
        for (; at < baked.size() && baked.get(at).lowest() < event; at++) {
            Conflict c = baked.get(at);
            if (c.place == Place.BAKED && c.scope == null) {
                result.add(c);
            }
        }
        return result;
    }
}
