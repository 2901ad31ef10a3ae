package dev.livesync.transport.support;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Hands work to an executor that may have ended, or that the system gives no thread any more: then whoever asks does the work.
 * Somebody waits for it, such as for the one close of a channel, and there is nobody else. Any thread.
 */
public final class Handover {
    private Handover() {}

    /**
     * Runs a task on an executor, or here and now where that refuses.
     *
     * @param executor where it belongs
     * @param task begun exactly once; call this without holding locks that the task needs
     */
    public static void to(Executor executor, Runnable task) {
        Once once = new Once(task);
        try {
            executor.execute(once);
        } catch (RuntimeException | Error e) {
            if (!once.claim()) {
                if (once.runner == Thread.currentThread()) {
                    throw e; // its own: it runs on this thread, as some executors do
                }
                return; // some pools take a task and then fail for want of a thread
            }
            System.getLogger(Handover.class.getName())
                    .log(System.Logger.Level.DEBUG, "the executor takes no more work", e);
            task.run();
        }
    }

    /**
     * Runs what somebody waits for on an executor, or fails it where that refuses.
     *
     * @param executor where it belongs
     * @param awaited fails with {@link ErrorKind#REFUSED} if the task is not run
     * @param what is attempted, for the message
     * @param task completes it
     */
    public static void attempt(Executor executor, CompletableFuture<?> awaited, Object what, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            awaited.completeExceptionally(
                    new SyncException(ErrorKind.REFUSED, what + ": the executor takes no more tasks", e));
        }
    }

    private static final class Once implements Runnable {
        private final Runnable task;
        private final AtomicBoolean begun = new AtomicBoolean();
        private volatile @Nullable Thread runner;

        Once(Runnable task) {
            this.task = task;
        }

        boolean claim() {
            return begun.compareAndSet(false, true);
        }

        @Override
        public void run() {
            if (claim()) {
                runner = Thread.currentThread();
                task.run();
            }
        }
    }
}
