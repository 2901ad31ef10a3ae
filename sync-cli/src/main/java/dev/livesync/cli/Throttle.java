package dev.livesync.cli;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Lets a few lines through at once, then one now and again, and counts the others. Strangers can cause as many as they like. Any thread. */
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

    /** Empty if this one is to be held back; otherwise how many have been since the last that was not. */
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

    /** How many were held back since the last that was not; they count as told. */
    synchronized long rest() {
        long rest = held;
        held = 0;
        return rest;
    }
}
