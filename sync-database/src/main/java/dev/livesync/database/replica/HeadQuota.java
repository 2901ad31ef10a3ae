package dev.livesync.database.replica;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts the heads of each peer: the events that it brought and nobody has built upon. A head that only a {@link HeadMerge} of this
 * database follows still counts, or a peer could have us merge for ever; it counts no longer when a peer or the database's user builds upon
 * that. Known only of what came since the database was opened. Guarded by the replica's lock.
 */
final class HeadQuota {
    private final Map<Integer, String> owners = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();
    /** Merge events of this database that nobody has built upon yet. */
    private final Set<Integer> merges = new HashSet<>();

    private boolean started;
    private boolean merging;

    /** The number of a peer's heads. */
    int of(String peer) {
        return counts.getOrDefault(peer, 0);
    }

    /** The peer for which an event counts; empty if it isn't counted. */
    String owner(int event) {
        return owners.getOrDefault(event, "");
    }

    /** Whether an event is a merge of this database. */
    boolean isMerge(int event) {
        return merges.contains(event);
    }

    /**
     * Counts an accepted event.
     *
     * @param event its index
     * @param parents those of its parents
     * @param peer who brought it; empty for the database's user
     */
    void accepted(int event, int[] parents, String peer) {
        if (!started) {
            return;
        }
        if (merging) {
            merges.add(event);
            return;
        }
        for (int parent : parents) {
            if (!merges.isEmpty() && merges.contains(parent)) {
                release(parent);
            }
            forget(owners.remove(parent));
        }
        if (!peer.isEmpty()) {
            owners.put(event, peer);
            counts.merge(peer, 1, Integer::sum);
        }
    }

    /** Sets whether the events accepted from now on are merges of this database. */
    void setMerging(boolean now) {
        merging = now;
    }

    /** Starts to count; the events before were read from the log. */
    void start() {
        started = true;
    }

    /** Everything before a merge is an ancestor of it, unless it was followed by something else anyway. */
    private void release(int merge) {
        merges.removeIf(m -> m <= merge);
        owners.entrySet().removeIf(e -> {
            boolean before = e.getKey() < merge;
            if (before) {
                forget(e.getValue());
            }
            return before;
        });
    }

    private void forget(@Nullable String peer) {
        if (peer != null) {
            counts.computeIfPresent(peer, (p, count) -> count == 1 ? null : count - 1);
        }
    }
}
