package dev.livesync.transport.jvmlibp2p;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs steps one after the other, a few per task of an executor: never two at once, and never one inside another, also where
 * the executor runs tasks on the calling thread.
 */
final class Turns implements Runnable {
    /** So many steps, then others on the executor get their turn. */
    private static final int STEPS = 64;

    private final Executor executor;
    private final Supplier<@Nullable Runnable> next;

    /** A task is with the executor, or is about to be. */
    private boolean active;
    /** Whoever is inside {@link #run}. */
    private @Nullable Thread runner;
    /** There may be a step to take. */
    private boolean pending;
    /** Another task came while one was running: the running one takes its turn. */
    private boolean repeat;

    /**
     * @param executor where steps run
     * @param next hands out the next step, or null if there is none
     */
    Turns(Executor executor, Supplier<@Nullable Runnable> next) {
        this.executor = executor;
        this.next = next;
    }

    /** Says that there may be a step. Call it without holding locks that steps need. */
    void wake() {
        synchronized (this) {
            pending = true;
            if (active) {
                return;
            }
            active = true;
        }
        schedule();
    }

    /** Takes some steps, and asks for another turn if there may be more. */
    @Override
    public void run() {
        synchronized (this) {
            if (runner != null) {
                repeat = true;
                return;
            }
            runner = Thread.currentThread();
        }
        while (true) {
            synchronized (this) {
                pending = false;
                repeat = false;
            }
            boolean more = takeSteps();
            synchronized (this) {
                pending |= more;
                if (!pending) {
                    active = false;
                    runner = null;
                    return;
                }
                active = true;
            }
            schedule();
            synchronized (this) {
                if (!repeat) {
                    runner = null;
                    return;
                }
            }
        }
    }

    private boolean takeSteps() {
        for (int i = 0; i < STEPS; i++) {
            Runnable step = next.get();
            if (step == null) {
                return false;
            }
            step.run();
        }
        return true;
    }

    /** An executor outlives its transport; what is refused is the turn after the last step, which finds nothing to do. */
    private void schedule() {
        try {
            executor.execute(this);
        } catch (RejectedExecutionException e) {
            synchronized (this) {
                active = false;
            }
        }
    }

    /** Whether the calling thread is inside a step. */
    synchronized boolean isRunner() {
        return runner == Thread.currentThread();
    }
}
