package dev.livesync.core.connect;

import java.time.Duration;
import java.util.function.LongUnaryOperator;

/**
 * How long to wait after so many failures: a random time up to a bound that doubles. All of it is random, and not only a part, so that the
 * clients of a hub that was restarted come back spread over the whole time.
 */
final class Backoff {
    /** Short enough that nobody notices one lost connection, long enough for a listener's port to be taken over. */
    static final Duration FIRST = Duration.ofMillis(250);

    /** What a user waits at most for a hub that is back; a thousand clients that wait for one are 66 dials a second. */
    static final Duration MOST = Duration.ofSeconds(30);

    private Backoff() {}

    /** The bound after so many failures, 1 or more. */
    static Duration bound(int failures) {
        int doublings = Math.min(failures - 1, Long.numberOfLeadingZeros(FIRST.toNanos()) - 2);
        Duration bound = Duration.ofNanos(FIRST.toNanos() << doublings);
        return bound.compareTo(MOST) < 0 ? bound : MOST;
    }

    /**
     * The wait.
     *
     * @param failures 1 or more
     * @param random a number from 0 to less than the given one
     */
    static Duration delay(int failures, LongUnaryOperator random) {
        return Duration.ofNanos(random.applyAsLong(bound(failures).toNanos() + 1));
    }
}
