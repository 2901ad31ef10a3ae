package dev.livesync.database.log;

/**
 * A place in the log in one long: segment number (22 bits), which of two files the segment is in, and offset in that file (40 bits).
 * Compaction puts a segment into another file; the old one stays until nobody can ask for it.
 */
final class Location {
    static final long MAX_SEGMENT = (1L << 22) - 1;

    private static final int OFFSET_BITS = 40;

    private Location() {}

    static long of(long segment, long offset) {
        return of(segment, 0, offset);
    }

    static long of(long segment, int parity, long offset) {
        return segment << OFFSET_BITS + 1 | (long) parity << OFFSET_BITS | offset;
    }

    static long segment(long location) {
        return location >>> OFFSET_BITS + 1;
    }

    /** 0 or 1: the number of times that the segment was compacted, modulo two. */
    static int parity(long location) {
        return (int) (location >>> OFFSET_BITS) & 1;
    }

    static long offset(long location) {
        return location & (1L << OFFSET_BITS) - 1;
    }
}
