package dev.livesync.database.store;

/** A place in the log in one long: segment number (23 bits) and offset in its file (40 bits). */
final class Location {
    static final long MAX_SEGMENT = (1L << 23) - 1;

    private static final int OFFSET_BITS = 40;

    private Location() {}

    static long of(long segment, long offset) {
        return segment << OFFSET_BITS | offset;
    }

    static long segment(long location) {
        return location >>> OFFSET_BITS;
    }

    static long offset(long location) {
        return location & (1L << OFFSET_BITS) - 1;
    }
}
