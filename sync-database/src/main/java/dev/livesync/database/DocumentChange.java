package dev.livesync.database;

import java.util.Optional;

/**
 * A document that was written or deleted. Two are equal if their ids and documents are.
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
}
