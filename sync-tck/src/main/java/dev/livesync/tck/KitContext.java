package dev.livesync.tck;

import dev.livesync.api.transport.TransportContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** What the core would lend: a small pool, real timers, and a list of whatever escapes. */
final class KitContext implements TransportContext, AutoCloseable {
    /** Limits to change. */
    record Limits(int maxMessageBytes, int inboundQueueBytes, Duration connectTimeout, Duration closeTimeout) {
        static Limits of(int maxMessageBytes, Patience patience) {
            return new Limits(
                    maxMessageBytes,
                    Math.max(16 << 20, maxMessageBytes),
                    patience.await().multipliedBy(2),
                    patience.await().multipliedBy(2));
        }

        Limits closeTimeout(Duration time) {
            return new Limits(maxMessageBytes, inboundQueueBytes, connectTimeout, time);
        }

        Limits connectTimeout(Duration time) {
            return new Limits(maxMessageBytes, inboundQueueBytes, time, closeTimeout);
        }

        Limits inboundQueueBytes(int bytes) {
            return new Limits(maxMessageBytes, bytes, connectTimeout, closeTimeout);
        }
    }

    private final ExecutorService pool = Executors.newFixedThreadPool(4, task -> Leaks.own(task, "executor"));
    private final ScheduledExecutorService timers =
            Executors.newSingleThreadScheduledExecutor(task -> Leaks.own(task, "scheduler"));
    private final List<Throwable> escaped = new CopyOnWriteArrayList<>();
    private final Limits limits;

    KitContext(Limits limits) {
        this.limits = limits;
    }

    @Override
    public Executor executor() {
        return task -> pool.execute(guarded(task));
    }

    @Override
    public Scheduler scheduler() {
        return (delay, task) -> {
            AtomicReference<ScheduledFuture<?>> timer = new AtomicReference<>();
            try {
                timer.set(timers.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS));
            } catch (RejectedExecutionException e) {
                escaped.add(e);
            }
            return () -> {
                ScheduledFuture<?> set = timer.get();
                if (set != null) {
                    set.cancel(false);
                }
            };
        };
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a task throws is the transport's fault, and a finding
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
        return limits.maxMessageBytes();
    }

    @Override
    public int inboundQueueBytes() {
        return limits.inboundQueueBytes();
    }

    @Override
    public Duration connectTimeout() {
        return limits.connectTimeout();
    }

    @Override
    public Duration closeTimeout() {
        return limits.closeTimeout();
    }

    /** What tasks of the transport threw; they must not. */
    List<Throwable> escaped() {
        return escaped;
    }

    @Override
    public void close() {
        pool.shutdownNow();
        timers.shutdownNow();
    }
}
