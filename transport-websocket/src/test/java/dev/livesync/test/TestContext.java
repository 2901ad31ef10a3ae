package dev.livesync.test;

import dev.livesync.api.transport.TransportContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** What the core would lend: a small pool, real timers, and a list of whatever escapes. */
public final class TestContext implements TransportContext, AutoCloseable {
    private final ExecutorService pool = Executors.newFixedThreadPool(4, task -> daemon(task, "test-executor"));
    private final ScheduledExecutorService timers =
            Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "test-scheduler"));
    private final List<Throwable> escaped = new CopyOnWriteArrayList<>();
    private final int maxMessageBytes;
    private final Duration connectTimeout;
    private final Duration closeTimeout;

    public TestContext(int maxMessageBytes, Duration closeTimeout) {
        this(maxMessageBytes, Duration.ofSeconds(20), closeTimeout);
    }

    public TestContext(int maxMessageBytes, Duration connectTimeout, Duration closeTimeout) {
        this.maxMessageBytes = maxMessageBytes;
        this.connectTimeout = connectTimeout;
        this.closeTimeout = closeTimeout;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public Executor executor() {
        return task -> pool.execute(guarded(task));
    }

    @Override
    public Scheduler scheduler() {
        return (delay, task) -> {
            ScheduledFuture<?> timer = timers.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> timer.cancel(false);
        };
    }

    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable e) {
                escaped.add(e);
            }
        };
    }

    @Override
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    @Override
    public Duration connectTimeout() {
        return connectTimeout;
    }

    @Override
    public Duration closeTimeout() {
        return closeTimeout;
    }

    /** What tasks of the transport threw; they must not. */
    public List<Throwable> escaped() {
        return escaped;
    }

    @Override
    public void close() {
        pool.shutdownNow();
        timers.shutdownNow();
    }
}
