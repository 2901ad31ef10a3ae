package dev.livesync.database.replica;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The commits that a follower has not looked at. Only so many are kept apart; what comes then is merged, so that a slow one never takes more than the
 * keys of all documents. One thread at a time.
 */
final class ViewSteps {
    /** One commit, or several as one. */
    private static final class Part {
        private final ViewStep first;
        private ReadView last;
        private @Nullable Map<Integer, ChangeSource> merged;

        Part(ViewStep step) {
            first = step;
            last = step.view;
        }

        void add(ViewStep step) {
            merged = keys();
            last = step.view;
            put(merged, step);
        }

        Map<Integer, ChangeSource> keys() {
            if (merged != null) {
                return merged;
            }
            Map<Integer, ChangeSource> keys = new LinkedHashMap<>();
            put(keys, first);
            return keys;
        }

        private static void put(Map<Integer, ChangeSource> keys, ViewStep step) {
            for (int key : step.keys) {
                keys.put(key, step.source);
            }
        }
    }

    private final int separate;
    private final ArrayDeque<Part> parts = new ArrayDeque<>();
    private ReadView seen;

    /**
     * Begins with nothing.
     *
     * @param seen the view that the follower has seen
     * @param separate how many commits are kept apart, one or more
     */
    ViewSteps(ReadView seen, int separate) {
        this.seen = seen;
        this.separate = separate;
    }

    void add(ViewStep step) {
        if (step.keys.length == 0) {
            return;
        }
        if (parts.size() < separate) {
            parts.add(new Part(step));
        } else {
            parts.getLast().add(step);
        }
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    /** Takes the next commit, or several as one: works out what has changed only when it is called. Null if there is none. */
    @Nullable
    Taken poll() {
        Part part = parts.poll();
        if (part == null) {
            return null;
        }
        Taken taken = new Taken(seen, part.last, part.keys());
        seen = part.last;
        return taken;
    }

    /** Two views and the keys that may differ. */
    record Taken(ReadView before, ReadView after, Map<Integer, ChangeSource> keys) {
        ViewChange change() {
            return ViewChange.of(before, after, keys);
        }
    }
}
