package dev.livesync.core.session;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Which threads are running something of a {@code Sync}'s at this moment, and so must not wait for it to end. Any thread. */
public final class SyncTask {
    private static final System.Logger LOG = System.getLogger(SyncTask.class.getName());
    private static final ThreadLocal<Boolean> HERE = ThreadLocal.withInitial(() -> false);

    private SyncTask() {}

    /**
     * Whether the calling thread is running something of a {@code Sync}, and so must not wait for it to end.
     *
     * @return true if so
     */
    public static boolean isRunning() {
        return HERE.get() || WorkerThreads.isCurrent();
    }

    /**
     * Waits for something of a {@code Sync}'s to end; only where none {@linkplain #isRunning is running}. How it ended is told elsewhere.
     *
     * @param end completes when it has ended
     * @param longest for how long to wait
     */
    public static void await(CompletableFuture<?> end, Duration longest) {
        try {
            end.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.log(Level.DEBUG, "not closed in time or in order", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs a task, marked as such. */
    static void run(Runnable task) {
        boolean outer = HERE.get();
        HERE.set(true);
        try {
            task.run();
        } finally {
            HERE.set(outer);
        }
    }
}
