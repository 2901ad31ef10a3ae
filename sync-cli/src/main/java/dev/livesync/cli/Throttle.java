package dev.livesync.cli;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Limits the rate of lines: lets a few through at once, then one now and then, and counts the others. Strangers can cause as many as they
 * like. Any thread.
 */
final class Throttle {
    private static final int BURST = 10;
    private static final long PAUSE = Duration.ofSeconds(10).toNanos();

    private final LongSupplier nanoTime;
    private double left = BURST;
    private long at;
    private long held;

    Throttle(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.at = nanoTime.getAsLong();
    }

    /** Empty if this line is to be held back; otherwise the number that was held back since the last one. */
    synchronized OptionalLong admit() {
        long now = nanoTime.getAsLong();
        left = Math.min(BURST, left + (double) (now - at) / PAUSE);
        at = now;
        if (left < 1) {
            held++;
            return OptionalLong.empty();
        }
        left--;
        OptionalLong before = OptionalLong.of(held);
        held = 0;
        return before;
    }

    /** Takes the number of lines that were held back since the last one. */
    synchronized long rest() {
        long rest = held;
        held = 0;
        return rest;
    }
}
