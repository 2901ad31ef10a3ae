package dev.livesync.core.multiplex;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs tasks that somebody waits for on an executor; where that takes no more, here and now, since nobody else is going to. */
final class Handoff {
    private Handoff() {}

    static void to(Executor executor, Runnable task) {
        AtomicBoolean begun = new AtomicBoolean();
        Runnable once = () -> {
            if (begun.compareAndSet(false, true)) {
                task.run();
            }
        };
        try {
            executor.execute(once);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            once.run(); // unless it was taken all the same: some pools fail only then, for want of a thread
        }
    }
}
