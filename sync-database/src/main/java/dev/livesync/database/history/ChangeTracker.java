package dev.livesync.database.history;

import dev.livesync.database.columns.IntMap;
import java.util.Arrays;

/**
 * Collects the keys whose winner changed since the last call of {@link #drain}: a tree is edited by them, and listeners are notified of
 * them.
 *
 * <p>Keeps the keys written since and the open conflicts, each with what had won; costs nothing more until it is asked. Made by {@link
 * CurrentDocuments#track()}, and under the same lock as {@link CurrentDocuments}.
 */
public final class ChangeTracker implements AutoCloseable {
    /** Stands for a winner that was never computed. */
    static final int UNKNOWN = -2;

    private final CurrentDocuments documents;
    private final IntMap before = new IntMap();
    private int seen;
    /** The lowest common ancestor that the heads have had. Every conflict beyond it is recorded. */
    private int fork;

    ChangeTracker(CurrentDocuments documents) {
        this.documents = documents;
        remember();
    }

    /** The event beyond which every conflict was open at some time since the last call of {@link #drain} and is recorded. */
    int fork() {
        return fork;
    }

    /** Records that the heads have a lower common ancestor now, and that the conflicts beyond it are recorded. */
    void forked(int common) {
        fork = Math.min(fork, common);
    }

    /** Records that a key may change, and its winner up to now unless that is recorded already. */
    void note(int key, int winner) {
        before.putIfAbsent(key, winner);
    }

    /**
     * Returns the changes since the last call, or since the tracker was created.
     *
     * <p>Complete, but not always exact: where it isn't known what had won (a merge of long ago that nobody had read was undone by an
     * event from before it) the key is listed though the winner may be the same.
     *
     * @return the numbers of keys whose {@link CurrentDocuments#winner} has changed, in no particular order
     */
    public int[] drain() {
        if (seen == documents.accepted()) {
            return new int[0];
        }
        int[] changed = new int[before.size()];
        int[] count = {0};
        before.forEach((key, winner) -> {
            if (documents.winner(key) != winner) {
                changed[count[0]++] = key;
            }
        });
        remember();
        return Arrays.copyOf(changed, count[0]);
    }

    private void remember() {
        before.clear();
        for (Conflict c : documents.openConflicts()) {
            before.putIfAbsent(c.key, documents.winner(c.key));
        }
        seen = documents.accepted();
        fork = documents.common();
    }

    /** Stops tracking. Idempotent; {@link #drain} must not be called afterwards. */
    @Override
    public void close() {
        documents.untrack(this);
    }
}
