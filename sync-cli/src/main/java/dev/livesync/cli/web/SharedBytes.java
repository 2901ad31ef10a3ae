package dev.livesync.cli.web;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What many ask for and what costs something to make: made at most once in an interval, on the thread of whoever comes first then, and shared. Any thread.
 */
final class SharedBytes {
    private final Supplier<byte[]> make;
    private final long intervalNanos;
    private final LongSupplier nanos;

    private byte @Nullable [] made;
    private long madeAt;

    /**
     * Makes nothing yet.
     *
     * @param make what is shared; nobody changes it afterwards. What it throws is for who has asked, and nothing is kept
     * @param intervalNanos how old it may be
     * @param nanos monotonic time
     */
    SharedBytes(Supplier<byte[]> make, long intervalNanos, LongSupplier nanos) {
        this.make = make;
        this.intervalNanos = intervalNanos;
        this.nanos = nanos;
    }

    synchronized byte[] get() {
        long now = nanos.getAsLong();
        byte[] there = made;
        if (there == null || now - madeAt >= intervalNanos) {
            there = make.get();
            made = there;
            madeAt = now;
        }
        return there;
    }
}
