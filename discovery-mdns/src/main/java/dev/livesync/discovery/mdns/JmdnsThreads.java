package dev.livesync.discovery.mdns;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * All threads of one link: those that jmDNS makes are in the group of the thread that made the link. So it is known whether one has died of an
 * exception, which jmDNS wouldn't notice, and when all have ended. Any thread.
 */
final class JmdnsThreads extends ThreadGroup {
    private static final System.Logger LOG = System.getLogger(JmdnsThreads.class.getName());

    private volatile boolean failed;

    JmdnsThreads() {
        super("livesync-mdns");
    }

    /** Makes it as new; no thread runs in it. */
    void reset() {
        failed = false;
    }

    @Override
    public void uncaughtException(Thread thread, Throwable thrown) {
        failed = true;
        LOG.log(Level.DEBUG, "a thread of jmDNS has died: " + thread, thrown);
    }

    /** Whether one has died of an exception. */
    boolean hasFailed() {
        return failed;
    }

    /** Whether all have ended. */
    boolean isOver() {
        return activeCount() == 0;
    }

    /** Begins to run something in the group. */
    void start(Runnable task) {
        Thread thread = new Thread(this, task, "livesync-mdns-link");
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits until all have ended, but not for long. Not by one of them. */
    boolean isOverIn(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        Thread[] running = new Thread[activeCount() + 1];
        for (int count = enumerate(running); count > 0; count = enumerate(running)) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            running[0].join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
        }
        return true;
    }

    /** Runs something in the group and waits for it. */
    <T> T call(Callable<T> task, long seconds) throws IOException {
        FutureTask<T> future = new FutureTask<>(task);
        start(future);
        try {
            return future.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (TimeoutException e) {
            throw new IOException("nothing has happened in " + seconds + " s", e);
        }
    }
}
