package dev.livesync.database.replica;

import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Runs what has to be done now and then: not on the threads of writers, and one run at a time. Without an executor from outside on a thread of its
 * own, which is there only while there is something to do.
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

    /** Has the task run soon, once for all who ask until it begins. Never throws. */
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

    /** Ends the thread; a task that runs has been told to stop. */
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
