package dev.livesync.bench.channel;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Tells slow from stuck: slow goes on. Also remembers the longest time in which nothing went on. */
public final class Watchdog {
    private static final long LOOK_MILLIS = 20;

    private final LongAdder progress = new LongAdder();
    private final Duration stall;
    private long longestNanos;

    /**
     * A watchdog that has seen nothing yet.
     *
     * @param stall how long without any progress is a stall
     */
    public Watchdog(Duration stall) {
        this.stall = stall;
    }

    /** Something went on. Cheap; any thread. */
    public void progress() {
        progress.increment();
    }

    /**
     * How often something went on.
     *
     * @return the count
     */
    public long count() {
        return progress.sum();
    }

    /**
     * The longest time without progress that {@link #await} saw, to the 20 ms at which it looks.
     *
     * @return how long
     */
    public Duration longestSilence() {
        return Duration.ofNanos(longestNanos);
    }

    /**
     * Waits for the end of something that reports its progress here.
     *
     * @param done completes at the end
     * @throws TimeoutException if nothing went on for too long
     */
    public void await(CompletableFuture<?> done) throws TimeoutException {
        long seen = count();
        long since = System.nanoTime();
        while (!finished(done)) {
            long now = System.nanoTime();
            long count = count();
            if (count != seen) {
                seen = count;
                since = now;
                continue;
            }
            longestNanos = Math.max(longestNanos, now - since);
            if (now - since > stall.toNanos()) {
                throw new TimeoutException("stalled: nothing for " + stall.toSeconds() + " s after " + count);
            }
        }
    }

    private static boolean finished(CompletableFuture<?> done) {
        try {
            @Nullable Object unused = done.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
