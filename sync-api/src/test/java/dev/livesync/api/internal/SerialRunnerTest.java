package dev.livesync.api.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SerialRunnerTest {
    @Test
    void onAPoolNoStepIsForgottenOrConcurrent() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            int steps = 200_000;
            AtomicLong todo = new AtomicLong();
            AtomicInteger inside = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(steps);
            SerialRunner runner = new SerialRunner(pool, () -> {
                if (todo.get() == 0) {
                    return null;
                }
                todo.decrementAndGet();
                return () -> {
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    inside.decrementAndGet();
                    done.countDown();
                };
            });
            for (int i = 0; i < steps; i++) {
                todo.incrementAndGet();
                runner.wake();
                if (i % 1000 == 0) {
                    runner.run();
                }
            }
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            pool.shutdownNow();
        }
    }

    /** Without memory for one step there may be some for the next, and a channel's close is told in any case. */
    @Test
    void aStepThatThrowsDoesNotStopTheOthers() {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        SerialRunner runner = new SerialRunner(tasks::add, steps::poll);
        steps.add(() -> {
            throw new LinkageError("no memory");
        });
        steps.add(() -> ran.add("next"));
        runner.wake();
        while (!tasks.isEmpty()) {
            try {
                tasks.remove().run();
            } catch (LinkageError e) {
                assertThat(e).hasMessage("no memory");
            }
        }
        assertThat(ran).containsExactly("next");
        steps.add(() -> ran.add("later"));
        runner.wake();
        assertThat(tasks).as("tasks for what comes later").hasSize(1);
    }

    @Test
    void whatComesMeanwhileAndIsDoneNeedsNoTask() {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        SerialRunner[] own = new SerialRunner[1];
        SerialRunner runner = new SerialRunner(tasks::add, steps::poll);
        own[0] = runner;
        steps.add(() -> {
            steps.add(() -> ran.add("second"));
            own[0].wake();
            ran.add("first");
        });
        runner.wake();
        tasks.remove().run();
        assertThat(ran).containsExactly("first", "second");
        assertThat(tasks).as("tasks for nothing").isEmpty();
    }
}
