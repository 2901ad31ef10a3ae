package dev.livesync.database.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * All conflicts, in the order of their lowest candidates: those above an event's index, or between two, are a range. For the
 * writer.
 */
final class Conflicts {
    private final EventGraph graph;
    private final TreeMap<Integer, Conflict> byLowest = new TreeMap<>();
    private final List<Conflict> slots = new ArrayList<>();
    private final List<Integer> free = new ArrayList<>();
    private final List<Conflict> mixed = new ArrayList<>();

    Conflicts(EventGraph graph) {
        this.graph = graph;
    }

    Conflict get(int slot) {
        return slots.get(slot);
    }

    int size() {
        return byLowest.size();
    }

    /** Those in which some candidates put and others delete. */
    List<Conflict> mixed() {
        return mixed;
    }

    /** Those with all candidates above an index. */
    Collection<Conflict> above(int e) {
        return byLowest.tailMap(e, false).values();
    }

    /** Those with candidates between two indexes, the higher one included. */
    Collection<Conflict> between(int below, int e) {
        return byLowest.subMap(below, false, e, true).values();
    }

    void add(Conflict c) {
        if (free.isEmpty()) {
            c.slot = slots.size();
            slots.add(c);
        } else {
            c.slot = free.remove(free.size() - 1);
            slots.set(c.slot, c);
        }
        byLowest.put(c.lowest(), c);
        setMixed(c, c.isMixed(graph));
    }

    /** Takes in the newest event of the key; false if all candidates are its ancestors, and nothing has changed then. */
    boolean extend(Conflict c, int e) {
        int[] kept = c.notBelow(graph, e);
        if (kept.length == 0) {
            return false;
        }
        byLowest.remove(c.lowest());
        c.candidates = Arrays.copyOf(kept, kept.length + 1);
        c.candidates[kept.length] = e;
        c.scope = null;
        byLowest.put(c.lowest(), c);
        setMixed(c, c.isMixed(graph));
        return true;
    }

    /** Forgets a conflict: one event of its key has all others as ancestors. */
    void remove(Conflict c) {
        byLowest.remove(c.lowest());
        setMixed(c, false);
        free.add(c.slot);
    }

    private void setMixed(Conflict c, boolean isMixed) {
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
}
