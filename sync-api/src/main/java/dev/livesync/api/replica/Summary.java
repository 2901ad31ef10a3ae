package dev.livesync.api.replica;

/**
 * Counts for people and for status lines.
 *
 * @param documents documents that can be read
 * @param events complete events
 * @param pending stored events that are not complete
 * @param blocks stored blocks of every kind
 * @param bytes their content, in bytes
 */
public record Summary(long documents, long events, long pending, long blocks, long bytes) {}
