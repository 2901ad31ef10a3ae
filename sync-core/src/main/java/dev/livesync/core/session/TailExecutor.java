package dev.livesync.core.session;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An executor whose tasks can leave one task to their own thread: it begins when the running one has returned, and no other thread is
 * woken for it. Whoever leaves one is about to return and waits for nothing. Any thread.
 */
final class TailExecutor implements Executor {
    /** So many tasks in a row, then others that wait for the executor get their turn. */
    private static final int LONGEST = 8;

    private static final ThreadLocal<@Nullable Running> RUNNING = new ThreadLocal<>();

    /** What the calling thread runs. */
    private static final class Running {
        private final TailExecutor executor;
        private @Nullable Runnable next;

        Running(TailExecutor executor) {
            this.executor = executor;
        }

        @Nullable
        Runnable take() {
            Runnable taken = next;
            next = null;
            return taken;
        }
    }

    /** What the executor gets. */
    private final class Task implements Runnable {
        private final Runnable first;

        Task(Runnable first) {
            this.first = first;
        }

        @Override
        public void run() {
            TailExecutor.this.run(first);
        }

        /** Whose it is, for whoever looks into a queue. */
        @Override
        public String toString() {
            return first.toString();
        }
    }

    private final Executor executor;

    /**
     * Makes one.
     *
     * @param executor where tasks run
     */
    TailExecutor(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(new Task(task));
    }

    /** Runs a task on this thread, once what it runs has returned; on another, if it runs none of ours, or has one left already. */
    void executeNext(Runnable task) {
        Running running = RUNNING.get();
        if (running == null || running.executor != this || running.next != null) {
            execute(task);
        } else {
            running.next = task;
        }
    }

    /** The running task has more to do: what was left to this thread need not wait for that. */
    void handOver() {
        Running running = RUNNING.get();
        if (running != null && running.executor == this && running.next != null) {
            Runnable task = running.take();
            if (task != null && !given(task)) {
                running.next = task;
            }
        }
    }

    /** False if this thread has to run it: an executor may refuse, or queue a task and then fail, for want of a thread say. */
    private boolean given(Runnable task) {
        AtomicBoolean begun = new AtomicBoolean();
        try {
            execute(() -> {
                if (begun.compareAndSet(false, true)) {
                    task.run();
                }
            });
            return true;
        } catch (RuntimeException | Error e) {
            return !begun.compareAndSet(false, true);
        }
    }

    private void run(Runnable first) {
        Running outer = RUNNING.get();
        Running running = new Running(this);
        RUNNING.set(running);
        @Nullable Runnable task = first;
        try {
            for (int i = 1; task != null; i++) {
                task.run();
                task = running.take();
                if (task != null && i >= LONGEST && given(task)) {
                    task = null;
                }
            }
        } finally {
            if (outer == null) {
                RUNNING.remove();
            } else {
                RUNNING.set(outer);
            }
            Runnable left = running.take(); // by a task that threw
            if (left != null && !given(left)) {
                run(left);
            }
        }
    }
}
