package dev.livesync.database.history;

import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
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

    /** How many slots there are, free ones included. */
    int slots() {
        return slots.size();
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
        setMixed(c, c.isMixed());
    }

    /** Adds the newest event of the key to a conflict. False if all candidates are its ancestors; then nothing has changed. */
    boolean extend(Conflict c, int e) {
        int lowest = c.lowest();
        if (!c.extend(e)) {
            return false;
        }
        if (c.lowest() != lowest) {
            byLowest.remove(lowest);
            byLowest.put(c.lowest(), c);
        }
        c.scope = null;
        setMixed(c, c.isMixed());
        return true;
    }

    /** Removes a conflict: one event of its key has all others as ancestors. */
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

    /** Writes all conflicts. Scopes are numbered in the order of first mention. */
    void save(ImageWriter out, Map<Conflict.Scope, Integer> scopes) {
        out.putInt(slots.size());
        out.putInt(byLowest.size());
        for (Conflict c : byLowest.values()) {
            out.putInt(c.slot);
            out.putInt(c.key);
            out.putInt(c.winner);
            int[] candidates = c.candidates();
            out.putInt(candidates.length);
            out.putInts(candidates, candidates.length);
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

    private void requireCandidates(int key, int[] candidates) {
        int before = -1;
        for (int e : candidates) {
            ImageReader.require(e > before && e < graph.size() && graph.key(e) == key, "a candidate", e);
            before = e;
        }
        ImageReader.require(candidates.length > 1, "candidates of a conflict", candidates.length);
    }

    /** Fills an empty collection; returns the scopes by number. */
    List<Conflict.Scope> load(ImageReader in) {
        int places = in.getCount(1);
        int count = in.getCount(24);
        List<Conflict> loaded = new ArrayList<>(count);
        int[] scopeOf = new int[count];
        for (int i = 0; i < count; i++) {
            int slot = in.getInt();
            int key = in.getInt();
            int winner = in.getInt();
            int[] candidates = new int[in.getCount(4)];
            in.getInts(candidates, candidates.length);
            requireCandidates(key, candidates);
            Conflict c = new Conflict(graph, key, candidates);
            c.slot = slot;
            c.winner = winner;
            scopeOf[i] = in.getInt();
            loaded.add(c);
        }
        List<Conflict.Scope> scopes = new ArrayList<>();
        for (int i = in.getCount(4); i > 0; i--) {
            Conflict.Scope scope = new Conflict.Scope();
            scope.event = in.getInt();
            ImageReader.require(
                    scope.event >= EventGraph.NONE && scope.event < graph.size(), "an event that decides", scope.event);
            scopes.add(scope);
        }
        @Nullable Conflict[] bySlot = new @Nullable Conflict[places];
        for (int i = 0; i < count; i++) {
            Conflict c = loaded.get(i);
            boolean decided = scopeOf[i] >= 0;
            ImageReader.require(
                    c.slot >= 0
                            && c.slot < places
                            && bySlot[c.slot] == null
                            && scopeOf[i] < scopes.size()
                            && (decided
                                    ? Arrays.binarySearch(c.candidates(), c.winner) >= 0
                                    : c.winner >= EventGraph.NONE && c.winner < graph.size()),
                    "the conflict of a key",
                    c.key);
            c.scope = decided ? scopes.get(scopeOf[i]) : null;
            bySlot[c.slot] = c;
            ImageReader.require(byLowest.put(c.lowest(), c) == null, "a candidate of two conflicts", c.lowest());
            setMixed(c, c.isMixed());
        }
        for (int slot = 0; slot < places; slot++) {
            Conflict c = bySlot[slot];
            if (c == null) {
                free.add(slot);
                c = new Conflict(graph, 0);
            }
            slots.add(c);
        }
        return scopes;
    }
}
