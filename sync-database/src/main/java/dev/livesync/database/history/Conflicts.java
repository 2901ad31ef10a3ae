package dev.livesync.database.history;

import dev.livesync.database.image.ImageReader;
import dev.livesync.database.image.ImageWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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

    /** Writes all conflicts; what weighed them is numbered in the order of first mention. */
    void save(ImageWriter out, Map<Conflict.Scope, Integer> scopes) {
        out.putInt(slots.size());
        out.putInt(byLowest.size());
        for (Conflict c : byLowest.values()) {
            out.putInt(c.slot);
            out.putInt(c.key);
            out.putInt(c.winner);
            out.putInt(c.candidates.length);
            out.putInts(c.candidates, c.candidates.length);
            Integer scope = c.scope == null ? null : scopes.get(c.scope);
            if (c.scope != null && scope == null) {
                scope = scopes.size();
                scopes.put(c.scope, scope);
            }
            out.putInt(scope == null ? -1 : scope);
        }
        out.putInt(scopes.size());
        Conflict.Scope[] numbered = new Conflict.Scope[scopes.size()];
        scopes.forEach((scope, number) -> numbered[number] = scope);
        for (Conflict.Scope scope : numbered) {
            out.putInt(scope.event);
        }
    }

    /** Fills an empty collection; gives what weighed them by number. */
    List<Conflict.Scope> load(ImageReader in) {
        int places = in.getCount(1);
        int count = in.getCount(24);
        List<Conflict> loaded = new ArrayList<>(count);
        int[] scopeOf = new int[count];
        for (int i = 0; i < count; i++) {
            int slot = in.getInt();
            Conflict c = new Conflict(in.getInt(), 0, 0);
            c.slot = slot;
            c.winner = in.getInt();
            c.candidates = new int[in.getCount(4)];
            in.getInts(c.candidates, c.candidates.length);
            scopeOf[i] = in.getInt();
            loaded.add(c);
        }
        List<Conflict.Scope> scopes = new ArrayList<>();
        for (int i = in.getCount(4); i > 0; i--) {
            Conflict.Scope scope = new Conflict.Scope();
            scope.event = in.getInt();
            scopes.add(scope);
        }
        @Nullable Conflict[] bySlot = new @Nullable Conflict[places];
        for (int i = 0; i < count; i++) {
            Conflict c = loaded.get(i);
            c.scope = scopeOf[i] < 0 ? null : scopes.get(scopeOf[i]);
            bySlot[c.slot] = c;
            byLowest.put(c.lowest(), c);
            setMixed(c, c.isMixed(graph));
        }
        for (int slot = 0; slot < places; slot++) {
            Conflict c = bySlot[slot];
            if (c == null) {
                free.add(slot);
                c = new Conflict(0, 0, 0);
            }
            slots.add(c);
        }
        return scopes;
    }
}
