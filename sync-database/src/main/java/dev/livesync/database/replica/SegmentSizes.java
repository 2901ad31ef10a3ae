package dev.livesync.database.replica;

/**
 * How much a compaction has made the segments smaller.
 *
 * @param before bytes of all segments
 * @param after the same afterwards
 */
public record SegmentSizes(long before, long after) {}
