package dev.livesync.replica.postgres;

import java.util.random.RandomGenerator;

/**
 * Names attempts to commit, so that a hub that lost the answer can ask whether one took place. A name is random in its upper bits, which tell processes apart, and counts in the lower
 * ones, so that rows written one after the other lie side by side. Any thread.
 */
final class CommitNames {
    private static final int COUNTED = 22;

    private final RandomGenerator random;
    private long next;

    CommitNames(RandomGenerator random) {
        this.random = random;
        this.next = first();
    }

    private long first() {
        return random.nextLong() >>> 1 >>> COUNTED << COUNTED | 1;
    }

    synchronized long next() {
        if ((next & (1L << COUNTED) - 1) == 0) {
            next = first();
        }
        return next++;
    }

    /** Goes on with other names: somebody else has used one of these. */
    synchronized void redraw() {
        next = first();
    }
}
