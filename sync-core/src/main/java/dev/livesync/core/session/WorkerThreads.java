package dev.livesync.core.session;

import dev.livesync.api.transport.TransportContext.Scheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of a {@code Sync} that was given no executor: a few daemon threads, however many sessions there are. Idle ones end. Any
 * thread.
 */
public final class WorkerThreads implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final int IDLE_SECONDS = 30;

    /** The least number of threads at full load. */
    static final int LEAST = 8;

    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor timer;

    /** Creates the pool; threads start when they are needed. */
    public WorkerThreads() {
        String name = "livesync-" + NUMBER.incrementAndGet();
        int count = Math.max(LEAST, 2 * Runtime.getRuntime().availableProcessors());
        workers = new ThreadPoolExecutor(
                1,
                count,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new IdleFirst(),
                factory(name + "-worker-"),
                WorkerThreads::enqueue);
        workers.allowCoreThreadTimeOut(true);
        timer = new ScheduledThreadPoolExecutor(1, factory(name + "-timer-"));
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /**
     * The executor for tasks.
     *
     * @return the executor
     */
    public Executor executor() {
        return workers;
    }

    /**
     * The scheduler for timers.
     *
     * @return the scheduler
     */
    public Scheduler scheduler() {
        return (Duration delay, Runnable task) -> {
            var scheduled = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        };
    }

    /** Waits up to two seconds for running tasks, then interrupts them. Idempotent. */
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

    /** Whether the calling thread is a {@code Sync}'s own. */
    static boolean isCurrent() {
        return Thread.currentThread() instanceof Own;
    }

    /** When all threads are there and busy. */
    private static void enqueue(Runnable task, ThreadPoolExecutor pool) {
        if (!pool.isShutdown()) {
            ((IdleFirst) pool.getQueue()).put(task);
            if (!pool.isShutdown()) {
                pool.prestartCoreThread(); // in case the last one has just left
                return;
            }
            if (!pool.remove(task)) {
                return; // it is being run
            }
        }
        throw new RejectedExecutionException("the threads of this Sync are ending");
    }

    /** Hands a task to an idle thread and refuses it where there is none, so that the pool starts another instead of queueing. */
    private static final class IdleFirst extends LinkedTransferQueue<Runnable> {
        private static final long serialVersionUID = 1;

        @Override
        public boolean offer(Runnable task) {
            return tryTransfer(task);
        }
    }

    /** Whether a thread is one of these. */
    boolean owns(Thread thread) {
        return thread instanceof Own own && own.owner == this;
    }

    private ThreadFactory factory(String prefix) {
        AtomicInteger number = new AtomicInteger();
        return task -> new Own(this, task, prefix + number.incrementAndGet());
    }

    private static final class Own extends Thread {
        private final WorkerThreads owner;

        Own(WorkerThreads owner, Runnable task, String name) {
            super(task, name);
            this.owner = owner;
            setDaemon(true);
        }
    }
}
