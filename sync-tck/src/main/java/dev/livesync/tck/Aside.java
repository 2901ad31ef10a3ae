package dev.livesync.tck;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads beside the test's own, each waited for no longer than the kit's patience. */
final class Aside implements AutoCloseable {
    private final Duration patience;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "replica-tck");
        thread.setDaemon(true);
        return thread;
    });

    Aside(Duration patience) {
        this.patience = patience;
    }

    <T> Future<T> start(Callable<T> task) {
        return threads.submit(task);
    }

    /** Runs a task on another thread and waits for it. */
    <T> T call(String what, Callable<T> task) {
        return await(what, start(task));
    }

    <T> T await(String what, Future<T> task) {
        try {
            return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(what + " has not returned within " + patience.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(what + " was interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof AssertionError failed
                    ? failed
                    : new AssertionError(what + " failed: " + e.getCause(), e.getCause());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
