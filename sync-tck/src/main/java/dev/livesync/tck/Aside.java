package dev.livesync.tck;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
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

    /** Begins a task on another thread, and comes back when it is done or waits for somebody, such as the caller. */
    <T> Future<T> meanwhile(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        Thread thread = new Thread(future, "replica-tck");
        thread.setDaemon(true);
        thread.start();
        int waits = 0;
        try {
            for (long ms = 0; waits < 10 && !future.isDone() && ms < patience.toMillis(); ms++) {
                waits = thread.getState() == Thread.State.RUNNABLE ? 0 : waits + 1;
                thread.join(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return future;
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
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw cause instanceof AssertionError failed
                    ? failed
                    : new AssertionError(what + " failed: " + Blame.of(cause), cause);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
