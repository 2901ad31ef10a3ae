package dev.livesync.api.internal;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs steps one after the other, a few per task of an executor: never two at once, and never one inside another, also where
 * the executor runs tasks on the calling thread. What a step does, later steps see, whichever thread runs them. A step that throws
 * does not keep the next from being run. Any thread.
 *
 * <p>Whoever uses it keeps the steps, in a queue say, and hands them out one at a time, so that it can still change its mind about those
 * that wait. The executors that it is given do not throw: they do what is to be done where no more tasks are taken. One that drops
 * a task ends the runner; then only {@link #run} takes steps.
 */
public final class SerialRunner implements Runnable {
    private final Executor executor;
    private final int steps;
    private final Supplier<@Nullable Runnable> next;
    private final Consumer<Throwable> onCrash;

    /** A task is with the executor or running, or is about to be with it. */
    private boolean active;
    /** Whoever is inside {@link #run}. */
    private @Nullable Thread runner;
    /** There may be a step that nobody has asked for since. */
    private boolean pending;
    /** Another task came while one was running: the running one takes its turn. */
    private boolean repeat;

    /**
     * Makes one that waits to be woken.
     *
     * @param executor where steps run; must not throw
     * @param steps so many, then others on the executor get their turn; at least 1
     * @param next hands out the next step, or null if there is none; called by one thread at a time, and never by {@link #wake} itself
     *     unless the executor runs tasks there
     * @param onCrash told, as part of the step, what a step threw, or {@code next}
     */
    public SerialRunner(Executor executor, int steps, Supplier<@Nullable Runnable> next, Consumer<Throwable> onCrash) {
        if (steps < 1) {
            throw new IllegalArgumentException("steps: " + steps);
        }
        this.executor = executor;
        this.steps = steps;
        this.next = next;
        this.onCrash = onCrash;
    }

    /** Says that there may be a step. Call it without holding locks that steps need: the executor may run it at once. */
    public void wake() {
        wake(executor);
    }

    /**
     * As {@link #wake()}, with another way to the executor, should a task be needed.
     *
     * @param way takes the first turn; must not throw
     */
    public void wake(Executor way) {
        synchronized (this) {
            pending = true;
            if (active) {
                return;
            }
            active = true;
        }
        way.execute(this);
    }

    /** Runs some steps, and asks for another turn if there may be more. The executor calls it, or whoever can't wait for the executor. */
    @Override
    public void run() {
        synchronized (this) {
            if (runner != null) {
                repeat = true;
                return;
            }
            runner = Thread.currentThread();
            active = true;
            pending = false;
        }
        while (!turn()) {
            // Its task came while this one was running.
        }
    }

    /** False if the next turn is to be taken here and now. */
    private boolean turn() {
        for (int i = 0; i < steps; i++) {
            if (!step() && isOver()) {
                return true;
            }
        }
        synchronized (this) {
            repeat = false;
        }
        executor.execute(this);
        synchronized (this) {
            if (!repeat) {
                runner = null;
            }
            return !repeat;
        }
    }

    private synchronized boolean isOver() {
        if (pending) {
            pending = false;
            return false;
        }
        active = false;
        runner = null;
        return true;
    }

    /** False if there was none. */
    private boolean step() {
        try {
            Runnable step = next.get();
            if (step == null) {
                return false;
            }
            step.run();
        } catch (Throwable e) {
            crashed(e);
        }
        return true;
    }

    /** Where there is no memory for a step, there may be none to speak of it; the steps after it are run all the same. */
    private void crashed(Throwable thrown) {
        try {
            onCrash.accept(thrown);
        } catch (Throwable e) {
            if (e != thrown) {
                thrown.addSuppressed(e);
            }
        }
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
