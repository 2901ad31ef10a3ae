package dev.livesync.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TurnsTest {
    @Test
    void onAPoolNoStepIsForgottenOrConcurrent() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            int steps = 200_000;
            AtomicLong todo = new AtomicLong();
            AtomicInteger inside = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(steps);
            Turns turns = new Turns(pool, () -> {
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
                turns.wake();
                if (i % 1000 == 0) {
                    turns.run();
                }
            }
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void anExecutorThatHasEndedIsNoFailureOfTheLastStep() {
        List<Runnable> tasks = new ArrayList<>();
        boolean[] ended = {false};
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        Turns turns = new Turns(
                task -> {
                    if (ended[0]) {
                        throw new RejectedExecutionException("ended");
                    }
                    tasks.add(task);
                },
                steps::poll);
        steps.add(() -> {
            ran.add("last");
            ended[0] = true;
        });
        turns.wake();
        tasks.remove(0).run();
        turns.wake();
        assertThat(ran).containsExactly("last");
        assertThat(turns.isRunner()).isFalse();
    }

    /** Or a channel's one close is never told. */
    @Test
    void whatTheExecutorRefusesIsDoneByWhoeverAsks() {
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        Turns[] own = new Turns[1];
        Turns turns = new Turns(
                task -> {
                    throw new RejectedExecutionException("ended");
                },
                2,
                steps::poll);
        own[0] = turns;
        for (int i = 0; i < 7; i++) {
            String name = "s" + i;
            steps.add(() -> {
                assertThat(own[0].isRunner()).isTrue();
                ran.add(name);
                own[0].wake();
            });
        }
        turns.wake();
        assertThat(ran).containsExactly("s0", "s1", "s2", "s3", "s4", "s5", "s6");
        assertThat(turns.isRunner()).isFalse();
        steps.add(() -> ran.add("again"));
        turns.wake();
        assertThat(ran).contains("again");
    }

    /** Without memory for one step there may be some for the next, and a channel's close is told in any case. */
    @Test
    void aStepThatThrowsDoesNotStopTheOthers() {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        Turns turns = new Turns(tasks::add, steps::poll);
        steps.add(() -> {
            throw new LinkageError("no memory");
        });
        steps.add(() -> ran.add("next"));
        turns.wake();
        while (!tasks.isEmpty()) {
            try {
                tasks.remove().run();
            } catch (LinkageError e) {
                assertThat(e).hasMessage("no memory");
            }
        }
        assertThat(ran).containsExactly("next");
        steps.add(() -> ran.add("later"));
        turns.wake();
        assertThat(tasks).as("tasks for what comes later").hasSize(1);
    }

    @Test
    void whatComesMeanwhileAndIsDoneNeedsNoTask() {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        Turns[] own = new Turns[1];
        Turns turns = new Turns(tasks::add, steps::poll);
        own[0] = turns;
        steps.add(() -> {
            steps.add(() -> ran.add("second"));
            own[0].wake();
            ran.add("first");
        });
        turns.wake();
        tasks.remove().run();
        assertThat(ran).containsExactly("first", "second");
        assertThat(tasks).as("tasks for nothing").isEmpty();
    }
}
