package dev.livesync.bench.channel;

import dev.livesync.api.transport.TransportContext;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** What a transport needs when no core lends it: threads that end with the process or with {@link #close}. */
public final class Threads implements TransportContext, AutoCloseable {
    private static final int MESSAGE_BYTES = 16 << 20;

    private final ExecutorService executor = Executors.newCachedThreadPool(daemons("livesync-bench-worker"));
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(daemons("livesync-bench-timer"));

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public Scheduler scheduler() {
        return (delay, task) -> {
            Future<?> scheduled = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        };
    }

    @Override
    public int maxMessageBytes() {
        return MESSAGE_BYTES;
    }

    @Override
    public Duration connectTimeout() {
        return Duration.ofSeconds(60);
    }

    @Override
    public Duration closeTimeout() {
        return Duration.ofSeconds(5);
    }

    @Override
    public void close() {
        executor.shutdownNow();
        timer.shutdownNow();
    }
}
