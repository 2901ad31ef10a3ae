package dev.livesync.bench.many;

import dev.livesync.api.transport.TransportContext.Scheduler;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Threads for the many Syncs of one process. */
final class SharedThreads implements AutoCloseable {
    private static final int COUNT = 4;

    private final ExecutorService workers = Executors.newFixedThreadPool(COUNT, daemons("livesync-many-worker"));
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(1, daemons("livesync-many-timer"));

    SharedThreads() {
        timer.setRemoveOnCancelPolicy(true);
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    Executor executor() {
        return workers;
    }

    Scheduler scheduler() {
        return (delay, task) -> {
            var scheduled = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        };
    }

    @Override
    public void close() {
        workers.shutdownNow();
        timer.shutdownNow();
    }
}
