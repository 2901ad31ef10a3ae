package dev.livesync.core.session;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A share of an executor for tasks that wait for a disk: so many at once and no more, the others in order, so that there are
 * threads left for what waits for nothing. Any thread.
 */
final class BoundedExecutor {
    /** A task, which runs or is refused: an executor may have queued it before it fails, for want of a thread say. */
    private static final class Entry {
        private final Runnable task;
        private final Consumer<RejectedExecutionException> onRefusal;
        private final AtomicBoolean settled = new AtomicBoolean();

        Entry(Runnable task, Consumer<RejectedExecutionException> onRefusal) {
            this.task = task;
            this.onRefusal = onRefusal;
        }

        boolean settle() {
            return settled.compareAndSet(false, true);
        }
    }

    private final TailExecutor executor;
    private final int width;
    private final Queue<Entry> waiting = new ArrayDeque<>();
    private int running;

    /**
     * Makes one without tasks.
     *
     * @param executor where tasks run
     * @param width how many at once
     */
    BoundedExecutor(TailExecutor executor, int width) {
        this.executor = executor;
        this.width = width;
    }

    /**
     * Runs a task as soon as there is room; on this thread, where it runs a task of the executor's that is about to return.
     *
     * @param task must not throw
     * @param onRefusal told instead, on any thread, if the executor takes no more tasks
     */
    void execute(Runnable task, Consumer<RejectedExecutionException> onRefusal) {
        Entry entry = new Entry(task, onRefusal);
        synchronized (this) {
            if (running == width) {
                waiting.add(entry);
                return;
            }
            running++;
        }
        start(entry, true);
    }

    /** On this thread only what it has just asked for: what waited has its turn among the executor's tasks. */
    private void start(Entry first, boolean here) {
        @Nullable Entry entry = first;
        while (entry != null) {
            Entry next = entry;
            RejectedExecutionException why;
            try {
                if (here) {
                    executor.executeNext(() -> run(next));
                } else {
                    executor.execute(() -> run(next));
                }
                return;
            } catch (RejectedExecutionException e) {
                why = e;
            } catch (RuntimeException | Error e) {
                why = new RejectedExecutionException("the executor failed: " + e, e);
            }
            if (!next.settle()) {
                return; // it has run after all
            }
            next.onRefusal.accept(why);
            entry = next();
        }
    }

    private void run(Entry entry) {
        if (!entry.settle()) {
            return;
        }
        try {
            entry.task.run();
        } finally {
            @Nullable Entry next = next();
            if (next != null) {
                start(next, false);
            }
        }
    }

    synchronized int running() {
        return running;
    }

    synchronized int waiting() {
        return waiting.size();
    }

    /** The next task, which takes the place of the last; null if there is none, and the place is free then. */
    private synchronized @Nullable Entry next() {
        Entry next = waiting.poll();
        if (next == null) {
            running--;
        }
        return next;
    }
}
