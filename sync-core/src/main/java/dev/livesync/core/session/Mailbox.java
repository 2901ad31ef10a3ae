package dev.livesync.core.session;

import dev.livesync.api.internal.SerialRunner;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time and in order, urgent ones first, on an executor that it shares with others: at most {@value #TURN}
 * in a row, so that everyone gets a turn. Each task sees what the ones before it wrote. Any thread may add tasks.
 */
final class Mailbox {
    private static final int TURN = 64;

    private final TailExecutor executor;
    private final Consumer<RejectedExecutionException> onRefusal;
    private final Queue<Runnable> urgent = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final SerialRunner runner;
    private final Executor here;

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
        this.onRefusal = onRefusal;
        this.here = turn -> schedule(turn, true);
        this.runner = new SerialRunner(turn -> schedule(turn, false), longestTurn, () -> next(), onCrash);
    }

    void execute(Runnable task) {
        tasks.add(task);
        runner.wake();
    }

    /** As {@link #execute}, from a task of the executor that is about to return: its thread goes on with this one. */
    void executeAfter(Runnable task) {
        tasks.add(task);
        runner.wake(here);
    }

    /** As {@link #executeAfter}, and before all that wait, but for others like it. */
    void executeNext(Runnable task) {
        urgent.add(task);
        runner.wake(here);
    }

    /** Refused, it stays with the runner, which so asks for no other turn. */
    private void schedule(Runnable turn, boolean afterThis) {
        Runnable marked = () -> SyncTask.run(turn);
        try {
            if (afterThis) {
                executor.executeNext(marked);
            } else {
                executor.execute(marked);
            }
        } catch (RejectedExecutionException e) {
            onRefusal.accept(e);
        } catch (RuntimeException | Error e) {
            // Such as no memory for another thread.
            onRefusal.accept(new RejectedExecutionException("the executor failed: " + e, e));
        }
    }

    private @Nullable Runnable next() {
        Runnable task = urgent.poll();
        task = task == null ? tasks.poll() : task;
        if (task != null) {
            executor.handOver();
        }
        return task;
    }
}
