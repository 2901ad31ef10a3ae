package dev.livesync.transport.support;

import java.util.concurrent.Executor;

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
            if (once.begun) {
                throw e; // its own: it runs on this thread, as some executors do
            }
            System.getLogger(Handover.class.getName())
                    .log(System.Logger.Level.DEBUG, "the executor takes no more work", e);
            once.run();
        }
    }

    private static final class Once implements Runnable {
        private final Runnable task;
        private boolean begun;

        Once(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            begun = true;
            task.run();
        }
    }
}
