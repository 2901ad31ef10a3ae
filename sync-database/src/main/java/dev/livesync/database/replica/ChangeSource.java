package dev.livesync.database.replica;

import dev.livesync.api.replica.Origin;

/**
 * Who brought a change.
 *
 * @param own whether the database's own user wrote it
 * @param peer which peer brought it; empty if it is his own, came out of a file, or nobody knows any more
 */
public record ChangeSource(boolean own, String peer) {
    /** The database's own user. */
    public static final ChangeSource HERE = new ChangeSource(true, "");

    /**
     * Somebody else, as a commit names him.
     *
     * @param origin of the commit
     * @return the source
     */
    public static ChangeSource of(Origin origin) {
        return new ChangeSource(false, origin.peer());
    }
}
