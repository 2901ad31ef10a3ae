package dev.livesync.core.session;

import dev.livesync.api.transport.TransportContext.Scheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of a {@code Sync} that was given none: a few daemons, however many sessions there are, which idle away. Any
 * thread.
 */
public final class Threads implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor timer;

    /** Threads that start when they are needed. */
    public Threads() {
        String name = "livesync-" + NUMBER.incrementAndGet();
        int count = Math.max(8, 2 * Runtime.getRuntime().availableProcessors());
        workers = new ThreadPoolExecutor(
                count, count, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory(name + "-worker-"));
        workers.allowCoreThreadTimeOut(true);
        timer = new ScheduledThreadPoolExecutor(1, factory(name + "-timer-"));
        timer.setKeepAliveTime(5, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /**
     * Where work runs.
     *
     * @return the executor
     */
    public Executor executor() {
        return workers;
    }

    /**
     * Timers.
     *
     * @return the scheduler
     */
    public Scheduler scheduler() {
        return (Duration delay, Runnable task) -> {
            var scheduled = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        };
    }

    /** Lets what was begun end, for up to two seconds, then interrupts it. Idempotent. */
    @Override
    public void close() {
        timer.shutdownNow();
        workers.shutdown();
        try {
            if (!workers.awaitTermination(2, TimeUnit.SECONDS)) {
                workers.shutdownNow();
            }
            timer.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            workers.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the calling thread is one of these, and so must not wait for them to end. */
    boolean isCurrent() {
        return Thread.currentThread() instanceof Own own && own.owner == this;
    }

    private ThreadFactory factory(String prefix) {
        AtomicInteger number = new AtomicInteger();
        return task -> new Own(this, task, prefix + number.incrementAndGet());
    }

    private static final class Own extends Thread {
        private final Threads owner;

        Own(Threads owner, Runnable task, String name) {
            super(task, name);
            this.owner = owner;
            setDaemon(true);
        }
    }
}
