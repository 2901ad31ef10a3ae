package dev.livesync.discovery.mdns;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A worker with a thread of its own, which there is from the first step to the last. */
final class LanThread implements LanWorker {
    private final ScheduledThreadPoolExecutor executor;
    private volatile @Nullable Thread thread;

    LanThread(String name) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, name);
            made.setDaemon(true);
            thread = made;
            return made;
        });
        executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public void repeat(Duration period, Runnable step) {
        synchronized (executor) {
            if (!executor.isShutdown()) {
                var unused = executor.scheduleWithFixedDelay(step, 0, period.toNanos(), TimeUnit.NANOSECONDS);
            }
        }
    }

    @Override
    public void end(Runnable last, Duration wait) {
        synchronized (executor) {
            if (!executor.isShutdown()) {
                executor.execute(last);
                executor.shutdown(); // what repeats is dropped, what waits is run
            }
        }
        if (Thread.currentThread() != thread) {
            await(wait);
        }
    }

    private void await(Duration wait) {
        try {
            if (!executor.awaitTermination(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                return; // it ends by itself
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
