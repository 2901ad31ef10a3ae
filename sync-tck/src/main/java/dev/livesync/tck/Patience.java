package dev.livesync.tck;

import java.time.Duration;

/**
 * The kit's two timeouts: how long it waits for what has to happen, and how long it watches that something doesn't. Both are
 * multiplied by one factor.
 */
final class Patience {
    private final double scale;

    Patience(double scale) {
        if (!(scale > 0)) {
            throw new IllegalArgumentException("livesync.tck.scale must be more than 0, not " + scale);
        }
        this.scale = scale;
    }

    /** The factor: the configuration parameter {@code livesync.tck.scale}, 1 unless given. */
    double scale() {
        return scale;
    }

    /** For what has to happen. Only a failing test waits as long. */
    Duration await() {
        return scaled(10_000);
    }

    /** For what must not happen. Every run waits as long, and a slow machine sees too little rather than too much. */
    Duration silence() {
        return scaled(120);
    }

    /** Some other time, scaled. */
    Duration scaled(long millis) {
        return Duration.ofNanos((long) (millis * 1e6 * scale));
    }
}
