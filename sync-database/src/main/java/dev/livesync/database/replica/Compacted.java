package dev.livesync.database.replica;

/**
 * What a compaction did.
 *
 * @param before bytes of all segments
 * @param after the same afterwards
 */
public record Compacted(long before, long after) {}
