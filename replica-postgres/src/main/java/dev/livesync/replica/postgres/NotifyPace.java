package dev.livesync.replica.postgres;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How soon after one notification the next may go. A notification holds a lock of the whole server while it commits, so its time is what has to be bounded, not its number: a hub
 * rests three times as long as the server took, and so has that lock for less than a quarter of the time. A server that is idle is told of each commit at once; one on which the lock is
 * wanted answers later, and is told less often.
 *
 * <p>One thread.
 */
final class NotifyPace {
    /** The rest, in times of what the server took. */
    private static final int SHARE = 3;

    /** So no hub makes the others look more than 250 times a second. */
    private static final long LEAST = TimeUnit.MILLISECONDS.toNanos(4);

    /** Who has waited so long is looked at anyway. */
    private final long most;

    /** What the last three took, in a ring: the middle one counts, since a single long one is this process's own pause more often than the server's. */
    private final long[] costs = new long[3];

    private int next;
    private long answered;
    private boolean told;

    /**
     * Makes one that has told nothing yet.
     *
     * @param poll how often the others look without being told
     */
    NotifyPace(Duration poll) {
        most = Math.max(LEAST, poll.toNanos());
    }

    /** How many nanoseconds there are to wait from now on; 0 for none. */
    long pause(long now) {
        return told ? Math.max(0, rest() - (now - answered)) : 0;
    }

    private long rest() {
        long low = Math.min(costs[0], costs[1]);
        long high = Math.max(costs[0], costs[1]);
        long middle = Math.max(low, Math.min(high, costs[2]));
        return Math.min(most, Math.max(LEAST, SHARE * middle));
    }

    /** The server has answered, or has failed to, after so many nanoseconds. */
    void answered(long now, long cost) {
        told = true;
        answered = now;
        costs[next] = cost;
        next = (next + 1) % costs.length;
    }
}
