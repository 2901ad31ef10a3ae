package dev.livesync.core.session;

import static dev.livesync.database.schedules.Schedules.require;

import dev.livesync.database.schedules.Schedules;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each task runs once or is refused once, and never more at once than there are places. */
class BoundedExecutorLincheckTest {
    private static final int SCHEDULES = 500;

    /** What a {@link BoundedExecutor} promises, and what it lacks in the planted defect. */
    @FunctionalInterface
    private interface Share {
        void execute(Runnable task);
    }

    private static void tasks(BiFunction<Executor, Integer, Share> kind, int width, int tasks)
            throws InterruptedException {
        Schedules.Threads threads = new Schedules.Threads();
        AtomicInteger inside = new AtomicInteger();
        AtomicBoolean crowded = new AtomicBoolean();
        AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
        Share share = kind.apply(threads, width);
        for (int i = 0; i < tasks; i++) {
            int number = i;
            threads.execute(() -> share.execute(() -> {
                if (inside.incrementAndGet() > width) {
                    crowded.set(true);
                }
                runs.incrementAndGet(number);
                inside.decrementAndGet();
            }));
        }
        threads.join();
        require(!crowded.get(), "more at once than places");
        for (int i = 0; i < tasks; i++) {
            require(runs.get(i) == 1, "runs of each task: " + runs);
        }
    }

    private static void endingExecutor() throws InterruptedException {
        Schedules.Threads threads = new Schedules.Threads();
        AtomicBoolean ended = new AtomicBoolean();
        AtomicIntegerArray outcomes = new AtomicIntegerArray(3);
        BoundedExecutor share = new BoundedExecutor(
                new TailExecutor(task -> {
                    if (ended.get()) {
                        throw new RejectedExecutionException("ended");
                    }
                    threads.execute(task);
                }),
                1);
        for (int i = 0; i < 2; i++) {
            int number = i;
            threads.execute(() ->
                    share.execute(() -> outcomes.incrementAndGet(number), refusal -> outcomes.incrementAndGet(number)));
        }
        threads.execute(() -> ended.set(true));
        threads.join();
        ended.set(false);
        share.execute(() -> outcomes.incrementAndGet(2), refusal -> {});
        threads.join();
        for (int i = 0; i < 3; i++) {
            require(outcomes.get(i) == 1, "outcomes of each task: " + outcomes);
        }
    }

    private static Share real(Executor executor, int width) {
        BoundedExecutor share = new BoundedExecutor(new TailExecutor(executor), width);
        return task -> share.execute(task, refusal -> {
            throw new AssertionError(refusal);
        });
    }

    @Test
    void oneAtATimeAndNothingIsLost() {
        Schedules.check(SCHEDULES, () -> tasks(BoundedExecutorLincheckTest::real, 1, 2));
    }

    @Test
    void twoAtATimeAndNothingIsLost() {
        Schedules.check(SCHEDULES, () -> tasks(BoundedExecutorLincheckTest::real, 2, 3));
    }

    @Test
    void eachRunsOrIsRefused() {
        Schedules.check(SCHEDULES, BoundedExecutorLincheckTest::endingExecutor);
    }

    @Test
    @Tag("soak")
    void manySchedules() {
        int many = 40 * SCHEDULES;
        Schedules.check(many, () -> tasks(BoundedExecutorLincheckTest::real, 1, 2));
        Schedules.check(many, () -> tasks(BoundedExecutorLincheckTest::real, 2, 3));
        Schedules.check(many, BoundedExecutorLincheckTest::endingExecutor);
    }

    /** Looks for the next task and gives its place back in two steps: what comes in between waits for nobody. */
    private static final class LosesATask implements Share {
        private final Executor executor;
        private final int width;
        private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
        private int running;

        LosesATask(Executor executor, int width) {
            this.executor = executor;
            this.width = width;
        }

        @Override
        public void execute(Runnable task) {
            synchronized (this) {
                if (running == width) {
                    waiting.add(task);
                    return;
                }
                running++;
            }
            executor.execute(() -> run(task));
        }

        private void run(Runnable task) {
            task.run();
            Runnable next;
            synchronized (this) {
                next = waiting.poll();
            }
            if (next != null) {
                executor.execute(() -> run(next));
                return;
            }
            synchronized (this) {
                running--;
            }
        }
    }

    @Test
    void aTaskThatIsLostIsFound() {
        Schedules.checkFound(
                SCHEDULES,
                () -> tasks((executor, width) -> new LosesATask(executor, width), 1, 2),
                "runs of each task: ");
    }
}
