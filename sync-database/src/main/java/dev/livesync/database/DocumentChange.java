package dev.livesync.database;

import java.util.Optional;

/**
 * A document that was written or deleted.
 *
 * @param id its id
 * @param document as it is now; empty if it does not exist (any more)
 */
public record DocumentChange(String id, Optional<Document> document) {}
