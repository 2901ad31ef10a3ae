package dev.livesync.database.replica;

import dev.livesync.database.history.Decision;
import dev.livesync.database.history.EventGraph;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What decided keys at some heads. To look for one costs a walk as far back as its events; so whoever asks about more than a few gets all of them out of one walk. Any thread.
 */
public final class PastKeys {
    /** So many are looked for one by one. */
    private static final int FEW = 16;

    private final DerivedState derived;
    private final int[] heads;
    // Guarded by this.
    private int asked;
    /** By key: what decided it. */
    private int @Nullable [] winners;

    private @Nullable BitSet conflicts;

    PastKeys(DerivedState derived, int... heads) {
        this.derived = derived;
        this.heads = heads.clone();
    }

    /**
     * The event that decided a key.
     *
     * @param key the key
     * @return the index of a put or delete, or {@link EventGraph#NONE} if none of the heads knew of such a document
     */
    public synchronized int winner(String key) {
        int number = derived.keys.find(key);
        if (number < 0) {
            return EventGraph.NONE;
        }
        int[] all = winners;
        if (all == null) {
            if (++asked <= FEW) {
                return derived.past.winner(number, heads);
            }
            all = winners();
            winners = all;
        }
        return number < all.length ? all[number] : EventGraph.NONE;
    }

    private int[] winners() {
        int[] all = new int[derived.keys.size()];
        Arrays.fill(all, EventGraph.NONE);
        derived.past.winners(heads).stream().forEach(event -> all[derived.graph.key(event)] = event);
        return all;
    }

    /**
     * The document of a key.
     *
     * @param key the key
     * @return the index of the put that made it, or {@link EventGraph#NONE}
     */
    public int document(String key) {
        int winner = winner(key);
        return winner == EventGraph.NONE || derived.graph.isDelete(winner) ? EventGraph.NONE : winner;
    }

    /**
     * Whether a key was in conflict.
     *
     * @param key the key
     * @return true if it was
     */
    public synchronized boolean isConflict(String key) {
        int number = derived.keys.find(key);
        if (number < 0) {
            return false;
        }
        BitSet all = conflicts;
        if (all == null) {
            if (++asked <= FEW) {
                return derived.past.conflict(number, heads).isPresent();
            }
            IntStream keys = derived.past.conflicts(heads).stream().mapToInt(Decision::key);
            all = keys.collect(BitSet::new, BitSet::set, BitSet::or);
            conflicts = all;
        }
        return all.get(number);
    }
}
