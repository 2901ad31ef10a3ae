package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.database.history.EventGraph;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * From one view to a later one.
 *
 * @param before the earlier
 * @param after the later
 * @param changes the documents that are others now, in the order of their keys
 */
public record ViewChange(ReadView before, ReadView after, List<KeyChange> changes) {
    /**
     * A document that was put, put anew or deleted.
     *
     * @param key its key
     * @param before the put that made it in the earlier view; {@link EventGraph#NONE} if there was none
     * @param after the same in the later one
     * @param source who brought that
     */
    public record KeyChange(String key, int before, int after, ChangeSource source) {}

    static ViewChange of(ReadView before, ReadView after, Map<Integer, ChangeSource> keys) {
        List<KeyChange> changes = new ArrayList<>();
        keys.forEach((number, source) -> {
            String key = after.key(number);
            int was = before.document(key);
            int is = after.document(key);
            if (!isSame(before, was, after, is)) {
                changes.add(new KeyChange(key, was, is, source));
            }
        });
        changes.sort(Comparator.comparing(KeyChange::key));
        return new ViewChange(before, after, changes);
    }

    /** By name: after a write that failed, all is read afresh from the log. */
    private static boolean isSame(ReadView before, int was, ReadView after, int is) {
        if (was == EventGraph.NONE || is == EventGraph.NONE) {
            return was == is;
        }
        Cid old = before.derived.graph.cid(was);
        return old.equals(after.derived.graph.cid(is));
    }
}
