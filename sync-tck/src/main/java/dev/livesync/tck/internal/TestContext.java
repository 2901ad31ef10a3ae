package dev.livesync.tck.internal;

import dev.livesync.api.transport.TransportContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** What the core would lend: a small pool, real timers, and a list of whatever escapes. */
public final class TestContext implements TransportContext, AutoCloseable {
    /** Its threads' names begin with it, by which whoever looks for leaks tells them from the transport's. */
    public static final String THREADS = "livesync-tck-";

    /**
     * Limits to change.
     *
     * @param maxMessageBytes as {@link TransportContext#maxMessageBytes}
     * @param inboundQueueBytes as {@link TransportContext#inboundQueueBytes}
     * @param connectTimeout as {@link TransportContext#connectTimeout}
     * @param closeTimeout as {@link TransportContext#closeTimeout}
     */
    public record ContextLimits(
            int maxMessageBytes, int inboundQueueBytes, Duration connectTimeout, Duration closeTimeout) {
        /** Limits with room for 16 MB, or for one message. */
        public static ContextLimits of(int maxMessageBytes, Duration connectTimeout, Duration closeTimeout) {
            return new ContextLimits(
                    maxMessageBytes, Math.max(16 << 20, maxMessageBytes), connectTimeout, closeTimeout);
        }

        /** The same, with another time for a close. */
        public ContextLimits closeTimeout(Duration time) {
            return new ContextLimits(maxMessageBytes, inboundQueueBytes, connectTimeout, time);
        }

        /** The same, with another time for a connection. */
        public ContextLimits connectTimeout(Duration time) {
            return new ContextLimits(maxMessageBytes, inboundQueueBytes, time, closeTimeout);
        }

        /** The same, with another queue. */
        public ContextLimits inboundQueueBytes(int bytes) {
            return new ContextLimits(maxMessageBytes, bytes, connectTimeout, closeTimeout);
        }
    }

    private static final int THREAD_COUNT = 4;

    private final ThreadPoolExecutor pool =
            (ThreadPoolExecutor) Executors.newFixedThreadPool(THREAD_COUNT, this::worker);
    private final ScheduledThreadPoolExecutor timers =
            new ScheduledThreadPoolExecutor(1, task -> daemon(task, "scheduler"));
    private final List<Throwable> escaped = new CopyOnWriteArrayList<>();
    private final ContextLimits limits;
    private volatile boolean withoutClassLoader;
    private volatile boolean refusing;

    /** Makes one with some limits. */
    public TestContext(ContextLimits limits) {
        this.limits = limits;
        timers.setRemoveOnCancelPolicy(true);
    }

    /** Makes one in which connecting may take 20 seconds. */
    public TestContext(int maxMessageBytes, Duration closeTimeout) {
        this(maxMessageBytes, Duration.ofSeconds(20), closeTimeout);
    }

    /** Makes one with some limits. */
    public TestContext(int maxMessageBytes, Duration connectTimeout, Duration closeTimeout) {
        this(ContextLimits.of(maxMessageBytes, connectTimeout, closeTimeout));
    }

    private Thread worker(Runnable task) {
        Thread thread = daemon(task, "executor");
        if (withoutClassLoader) {
            thread.setContextClassLoader(null);
        }
        return thread;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, THREADS + name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public Executor executor() {
        return task -> {
            if (refusing) {
                throw new RejectedExecutionException("this executor takes no more tasks");
            }
            pool.execute(guarded(task));
        };
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

    /** From now on new threads of the executor have no context class loader. */
    public void withoutClassLoader() {
        withoutClassLoader = true;
    }

    /** From now on the executor takes no more tasks. */
    public void refuse() {
        refusing = true;
    }

    /**
     * Keeps all threads of the executor busy.
     *
     * @return ends it
     */
    public Runnable occupy() {
        CountDownLatch release = new CountDownLatch(1);
        for (int i = 0; i < THREAD_COUNT; i++) {
            pool.execute(() -> {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt(); // the pool ends
                }
            });
        }
        while (pool.getActiveCount() < THREAD_COUNT) {
            Thread.onSpinWait();
        }
        return release::countDown;
    }

    /** How many timers are set that have not fired and were not cancelled. */
    public int timers() {
        return timers.getQueue().size();
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
