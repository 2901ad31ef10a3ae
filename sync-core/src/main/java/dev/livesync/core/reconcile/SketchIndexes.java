package dev.livesync.core.reconcile;

/**
 * The symbols of a sketch that an id is part of: the first, and of those at {@code i} on average one in {@code 1 + i / 2}. After Yang, Gilad and Alizadeh,
 * Practical Rateless Set Reconciliation, 2024. Every operation is one of IEEE 754 doubles, rounded to nearest, so each language finds the same.
 */
final class SketchIndexes {
    private long state;
    private long index;

    /** Starts with an id's first symbol, whose index is 0. */
    void start(long id) {
        state = id;
        index = 0;
    }

    /** The next index; at most 2^53 as long as it is not asked for more after 2^26. */
    long next() {
        state += 0x9e3779b97f4a7c15L;
        long z = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        z ^= z >>> 31;
        double unit = ((z >>> 11) + 1) * 0x1.0p-53;
        double skip = Math.ceil((index + 1.5) * (1 / Math.sqrt(unit) - 1));
        index += Math.max(1, (long) skip);
        return index;
    }
}
