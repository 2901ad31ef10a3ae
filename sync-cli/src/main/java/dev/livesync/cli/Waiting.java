package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Waits for futures of the core. */
final class Waiting {
    private Waiting() {}

    /**
     * Waits for a future.
     *
     * @throws SyncException what the future failed with
     */
    static <T> T on(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SyncException s) {
                throw s;
            }
            throw new SyncException(ErrorKind.INTERNAL, "an operation failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SyncException(ErrorKind.CANCELLED, "interrupted", e);
        }
    }

    /** How long a command waits for something that may never come. */
    record Schedule(Duration look, int quietLooks, int looks) {
        /** Looks every second, says so after ten in which nothing moved, and gives up after ninety. */
        static final Schedule DEFAULT = new Schedule(Duration.ofSeconds(1), 10, 90);
    }

    /**
     * Waits for a future as long as there is progress.
     *
     * @param moved grows with whatever is done
     * @param quiet told once each time that nothing has moved for a while
     * @param late what it fails with in the end
     * @throws SyncException what the future failed with, or what {@code late} says
     */
    static <T> T on(
            CompletableFuture<T> future,
            Schedule patience,
            LongSupplier moved,
            Runnable quiet,
            Supplier<SyncException> late) {
        long before = moved.getAsLong();
        int still = 0;
        while (!future.isDone() && still < patience.looks()) {
            pause(future, patience.look());
            long now = moved.getAsLong();
            still = now > before ? 0 : still + 1;
            before = Math.max(before, now);
            if (still == patience.quietLooks()) {
                quiet.run();
            }
        }
        if (!future.isDone()) {
            throw late.get();
        }
        return on(future);
    }

    /** Waits until a future ends, however it does, or the time is over. */
    static void pause(CompletableFuture<?> future, Duration time) {
        try {
            future.get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // It is looked at again, and how it ended is told then.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SyncException(ErrorKind.CANCELLED, "interrupted", e);
        }
    }
}
