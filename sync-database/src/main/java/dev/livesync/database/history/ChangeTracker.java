package dev.livesync.database.history;

import dev.livesync.database.columns.IntMap;
import java.util.Arrays;

/**
 * The keys whose winner changed since the last time somebody asked: what a tree has to be edited by, or listeners are to be told.
 *
 * <p>Keeps the keys written since and the open conflicts, each with what had won; costs nothing more until it is asked. Made by {@link
 * CurrentDocuments#track()}, and under the same lock as {@link CurrentDocuments}.
 */
public final class ChangeTracker implements AutoCloseable {
    /** In place of a winner: it was never computed. */
    static final int UNKNOWN = -2;

    private final CurrentDocuments documents;
    private final IntMap before = new IntMap();
    private int seen;
    /** The lowest common ancestor that the heads have had: every conflict beyond it is noted. */
    private int fork;

    ChangeTracker(CurrentDocuments documents) {
        this.documents = documents;
        remember();
    }

    /** Every conflict beyond this event was open at some time since the last call of {@link #drain}, and is noted. */
    int fork() {
        return fork;
    }

    /** The heads have a lower common ancestor now, and the conflicts beyond it are noted. */
    void forked(int common) {
        fork = Math.min(fork, common);
    }

    /** Notes that a key may change, and what wins it now unless that is noted already. */
    void note(int key, int winner) {
        before.putIfAbsent(key, winner);
    }

    /**
     * Asks for the changes since the last call, or since the tracker was made.
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
