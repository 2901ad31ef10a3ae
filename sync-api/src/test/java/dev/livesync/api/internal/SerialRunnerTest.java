package dev.livesync.api.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SerialRunnerTest {
    private final List<Throwable> crashes = new CopyOnWriteArrayList<>();

    @Test
    void onAPoolNoStepIsForgottenOrConcurrent() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            int steps = 200_000;
            AtomicLong todo = new AtomicLong();
            AtomicInteger inside = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(steps);
            SerialRunner runner = new SerialRunner(
                    pool,
                    64,
                    () -> {
                        if (todo.get() == 0) {
                            return null;
                        }
                        todo.decrementAndGet();
                        return () -> {
                            assertThat(inside.incrementAndGet()).isEqualTo(1);
                            inside.decrementAndGet();
                            done.countDown();
                        };
                    },
                    crashes::add);
            for (int i = 0; i < steps; i++) {
                todo.incrementAndGet();
                runner.wake();
                if (i % 1000 == 0) {
                    runner.run();
                }
            }
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(crashes).isEmpty();
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
        SerialRunner runner = new SerialRunner(tasks::add, 64, steps::poll, crashes::add);
        steps.add(() -> {
            throw new LinkageError("no memory");
        });
        steps.add(() -> ran.add("next"));
        runner.wake();
        tasks.remove().run();
        assertThat(ran).containsExactly("next");
        assertThat(crashes).hasSize(1);
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
        SerialRunner runner = new SerialRunner(tasks::add, 64, steps::poll, crashes::add);
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

    /** Or what it took from a queue is lost, and nobody knows. */
    @Test
    void whoeverIsToldOfACrashMayCrashToo() {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        List<String> ran = new ArrayList<>();
        ArrayDeque<String> steps = new ArrayDeque<>(List.of("bad", "good"));
        SerialRunner runner = new SerialRunner(
                tasks::add,
                64,
                () -> {
                    String step = steps.poll();
                    if ("bad".equals(step)) {
                        throw new LinkageError("no memory");
                    }
                    return step == null ? null : () -> ran.add(step);
                },
                crash -> {
                    crashes.add(crash);
                    throw new LinkageError("no memory to say so");
                });
        runner.wake();
        tasks.remove().run();
        assertThat(ran).containsExactly("good");
        assertThat(crashes).hasSize(1);
        assertThat(tasks).isEmpty();
    }

    @Test
    void othersHaveTheirTurn() {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        SerialRunner runner = new SerialRunner(tasks::add, 2, steps::poll, crashes::add);
        for (String name : List.of("a", "b", "c")) {
            steps.add(() -> ran.add(name));
        }
        runner.wake();
        runner.wake();
        assertThat(tasks).hasSize(1);
        tasks.remove().run();
        assertThat(ran).containsExactly("a", "b");
        tasks.remove().run();
        assertThat(ran).containsExactly("a", "b", "c");
        assertThat(tasks).isEmpty();
    }

    @Test
    void onTheCallingThreadNoStepIsInsideAnother() {
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        SerialRunner[] own = new SerialRunner[1];
        SerialRunner runner = new SerialRunner(Runnable::run, 1, steps::poll, crashes::add);
        own[0] = runner;
        int many = 20_000; // each inside another, they would overflow the stack
        Runnable more = () -> {
            if (ran.size() < many) {
                ran.add("begun");
                own[0].wake();
                own[0].run();
                ran.add("over");
            }
        };
        for (int i = 0; i < many; i++) {
            steps.add(more);
        }
        runner.wake();
        assertThat(crashes).isEmpty();
        assertThat(ran).startsWith("begun", "over", "begun", "over").hasSize(many);
        assertThat(steps).isEmpty();
        assertThat(runner.isRunner()).isFalse();
    }
}
