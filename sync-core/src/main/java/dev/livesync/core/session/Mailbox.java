package dev.livesync.core.session;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Runs tasks one at a time and in order, urgent ones first, on an executor that it shares with others: at most {@value #TURN}
 * in a row, so that everyone gets a turn. Each task sees what the ones before it wrote. Any thread may add tasks.
 */
final class Mailbox {
    private static final int TURN = 64;

    private final TailExecutor executor;
    private final int longestTurn;
    private final Consumer<Throwable> onCrash;
    private final Consumer<RejectedExecutionException> onRefusal;
    private final Queue<Runnable> urgent = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicLong waiting = new AtomicLong();

    /**
     * An empty mailbox.
     *
     * @param executor where tasks run
     * @param onCrash told, in its turn, what a task threw
     * @param onRefusal told that the executor takes no more tasks, or fails; nothing runs any more then
     */
    Mailbox(TailExecutor executor, Consumer<Throwable> onCrash, Consumer<RejectedExecutionException> onRefusal) {
        this(executor, TURN, onCrash, onRefusal);
    }

    /** As the other constructor, with so many tasks in a row. */
    Mailbox(
            TailExecutor executor,
            int longestTurn,
            Consumer<Throwable> onCrash,
            Consumer<RejectedExecutionException> onRefusal) {
        this.executor = executor;
        this.longestTurn = longestTurn;
        this.onCrash = onCrash;
        this.onRefusal = onRefusal;
    }

    void execute(Runnable task) {
        if (enqueue(tasks, task)) {
            schedule(false);
        }
    }

    /** As {@link #execute}, from a task of the executor that is about to return: its thread goes on with this one. */
    void executeAfter(Runnable task) {
        if (enqueue(tasks, task)) {
            schedule(true);
        }
    }

    /** As {@link #executeAfter}, and before all that wait, but for others like it. */
    void executeNext(Runnable task) {
        if (enqueue(urgent, task)) {
            schedule(true);
        }
    }

    /** Whether nothing waited: somebody has to be found who runs it. */
    private boolean enqueue(Queue<Runnable> queue, Runnable task) {
        queue.add(task);
        return waiting.getAndIncrement() == 0;
    }

    private void schedule(boolean here) {
        try {
            if (here) {
                executor.executeNext(this::turn);
            } else {
                executor.execute(this::turn);
            }
        } catch (RejectedExecutionException e) {
            onRefusal.accept(e);
        } catch (RuntimeException | Error e) {
            // Such as no memory for another thread.
            onRefusal.accept(new RejectedExecutionException("the executor failed: " + e, e));
        }
    }

    private void turn() {
        SyncTask.run(this::run);
    }

    private void run() {
        long left;
        int ran = 0;
        do {
            Runnable task = urgent.poll();
            task = task == null ? tasks.remove() : task;
            try {
                task.run();
            } catch (Throwable e) {
                crashed(e);
            }
            left = waiting.decrementAndGet();
            if (left > 0) {
                executor.handOver();
            }
        } while (left > 0 && ++ran < longestTurn);
        if (left > 0) {
            schedule(false);
        }
    }

    /** Where there is no memory for a task, there may be none to speak of it; the tasks after it have their turn all the same. */
    private void crashed(Throwable thrown) {
        try {
            onCrash.accept(thrown);
        } catch (Throwable e) {
            if (e != thrown) {
                thrown.addSuppressed(e);
            }
        }
    }
}
