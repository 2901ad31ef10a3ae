package dev.livesync.database.replica;

import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Runs maintenance tasks outside the threads of writers, one run at a time. Uses the given executor, or else a thread of its own, which
 * exists only while there is something to do.
 */
final class Maintenance implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Maintenance.class.getName());
    private static final long IDLE_SECONDS = 1;
    private static final long PATIENCE_SECONDS = 10;

    private final Executor executor;
    private final @Nullable ThreadPoolExecutor own;
    private final Runnable task;
    private final AtomicBoolean requested = new AtomicBoolean();

    Maintenance(@Nullable Executor executor, String thread, Runnable task) {
        this.task = task;
        if (executor != null) {
            this.executor = executor;
            this.own = null;
        } else {
            ThreadPoolExecutor pool =
                    new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), r -> {
                        Thread t = new Thread(r, thread);
                        t.setDaemon(true);
                        return t;
                    });
            pool.allowCoreThreadTimeOut(true);
            this.executor = pool;
            this.own = pool;
        }
    }

    /** Requests a run. All requests until it begins count as one. Never throws. */
    void request() {
        if (!requested.compareAndSet(false, true)) {
            return;
        }
        try {
            executor.execute(this::run);
        } catch (RuntimeException | OutOfMemoryError e) { // also where there can be no thread
            requested.set(false);
            LOG.log(Level.DEBUG, "the executor of a database's maintenance takes nothing", e);
        }
    }

    private void run() {
        requested.set(false);
        task.run();
    }

    /** Ends the thread; a running task was asked to stop before. */
    @Override
    public void close() {
        if (own == null) {
            return;
        }
        own.shutdown();
        boolean interrupted = false;
        try {
            if (!own.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "the maintenance of a database has not ended");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
