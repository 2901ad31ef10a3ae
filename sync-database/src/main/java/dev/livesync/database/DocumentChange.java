package dev.livesync.database;

import java.util.Optional;

/**
 * A document that was written or deleted. Two are equal if their ids and documents are.
 *
 * <p>What it was, and whether there is a conflict, is looked up when it is asked for: {@link dev.livesync.api.ErrorKind#CLOSED} once the database is closed.
 *
 * <p>Any thread; it does not change. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface DocumentChange {
    /**
     * Which document.
     *
     * @return its id
     */
    String id();

    /**
     * The document as it is now.
     *
     * @return empty if it does not exist any more
     */
    Optional<Document> document();

    /**
     * The document as it was before: at the clock that was given to {@link Database#changesSince}, or when a watcher was called last.
     *
     * @return empty if it did not exist
     */
    Optional<Document> before();

    /**
     * Whether it was written here: by a put, delete or batch of this database. A change that comes of a peer's events, such as when an older version of one's own
     * wins a conflict that they have opened, is the peer's. Of several changes in one the last counts.
     *
     * @return false if a peer brought it, or it came out of a file
     */
    boolean isLocal();

    /**
     * Who brought it.
     *
     * @return the peer as sessions name it for its quotas: its identity, or the transport and the host; empty if it was written here or came out of a file, or
     *     if that is not known any more: a database that is opened again does not know whom its older events came from
     */
    Optional<String> peer();

    /**
     * Whether the document is in conflict now: another version lost against this one, and nobody has written the document since. {@link
     * Database#history()} has all of them.
     *
     * @return true if it is
     */
    boolean isConflict();

    /**
     * Whether this has ended a conflict: the document was in conflict before, and is no more.
     *
     * @return true if it has
     */
    boolean isSettled();
}
