package dev.livesync.api.internal;

import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs steps one after the other, a few per task of an executor: never two at once, and never one inside another, also where
 * the executor runs tasks on the calling thread. What a step does, later steps see, whichever thread takes them. For all threads.
 */
public final class SerialRunner implements Runnable {
    private static final int STEPS = 64;

    private final Executor executor;
    private final int steps;
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
     * Takes 64 steps, then others on the executor get their turn.
     *
     * @param executor where steps run; does not throw, but does what is to be done where it takes no more tasks
     * @param next hands out the next step, or null if there is none; called by one thread at a time, never by {@link #wake}
     *     itself unless the executor runs tasks there
     */
    public SerialRunner(Executor executor, Supplier<@Nullable Runnable> next) {
        this(executor, STEPS, next);
    }

    /**
     * As the other, with another number of steps.
     *
     * @param executor where steps run
     * @param steps so many, then others on the executor get their turn; at least 1
     * @param next hands out the next step, or null if there is none
     */
    public SerialRunner(Executor executor, int steps, Supplier<@Nullable Runnable> next) {
        if (steps < 1) {
            throw new IllegalArgumentException("steps: " + steps);
        }
        this.executor = executor;
        this.steps = steps;
        this.next = next;
    }

    /** Says that there may be a step. Call it without holding locks that steps need: the executor may run it at once. */
    public void wake() {
        synchronized (this) {
            pending = true;
            if (active) {
                return;
            }
            active = true;
        }
        schedule();
    }

    /** Takes some steps, and asks for another turn if there may be more. The executor calls it. */
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
        for (int i = 0; i < steps; i++) {
            Runnable step = next.get();
            if (step == null) {
                return false;
            }
            step.run();
        }
        return true;
    }

    private void schedule() {
        executor.execute(this);
    }

    /**
     * Whether the calling thread is inside a step.
     *
     * @return true if so
     */
    public synchronized boolean isRunner() {
        return runner == Thread.currentThread();
    }
}
