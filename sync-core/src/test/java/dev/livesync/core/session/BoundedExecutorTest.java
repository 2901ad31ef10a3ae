package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BoundedExecutorTest {
    private final Queue<Runnable> scheduled = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private boolean ended;
    private final BoundedExecutor bounded = new BoundedExecutor(
            new TailExecutor(task -> {
                if (ended) {
                    throw new RejectedExecutionException("ended");
                }
                scheduled.add(task);
            }),
            2);

    private void add(String name) {
        bounded.execute(() -> ran.add(name), refusal -> refused.add(name));
    }

    @Test
    void noMoreAtOnceThanItIsWideAndTheRestInOrder() {
        for (int i = 0; i < 7; i++) {
            add("t" + i);
        }
        assertThat(scheduled).hasSize(2);
        while (!scheduled.isEmpty()) {
            scheduled.remove().run();
            assertThat(scheduled).hasSizeLessThanOrEqualTo(2);
        }
        assertThat(ran).containsExactly("t0", "t1", "t2", "t3", "t4", "t5", "t6");
        add("again");
        add("and again");
        assertThat(scheduled).as("all places are free again").hasSize(2);
    }

    /** As a pool does that has queued a task and finds no memory for a thread. */
    @Test
    void aTaskThatAnExecutorTookAndRefusedEitherRunsOrIsRefused() {
        Queue<Runnable> taken = new ArrayDeque<>();
        AtomicBoolean failed = new AtomicBoolean();
        BoundedExecutor one = new BoundedExecutor(
                new TailExecutor(task -> {
                    taken.add(task);
                    if (!failed.getAndSet(true)) {
                        throw new OutOfMemoryError("on purpose: no thread");
                    }
                }),
                1);
        one.execute(() -> ran.add("first"), refusal -> refused.add("first"));
        one.execute(() -> ran.add("second"), refusal -> refused.add("second"));
        one.execute(() -> ran.add("third"), refusal -> refused.add("third"));
        assertThat(taken).as("there is one place").hasSize(2);
        while (!taken.isEmpty()) {
            taken.remove().run();
            assertThat(taken).as("there is one place").hasSizeLessThanOrEqualTo(1);
        }
        assertThat(refused).containsExactly("first");
        assertThat(ran).containsExactly("second", "third");
    }

    @Test
    void whateverWaitsIsToldThatTheExecutorHasEnded() {
        for (int i = 0; i < 5; i++) {
            add("t" + i);
        }
        ended = true;
        while (!scheduled.isEmpty()) {
            scheduled.remove().run();
        }
        assertThat(ran).containsExactly("t0", "t1");
        assertThat(refused).containsExactly("t2", "t3", "t4");
        add("late");
        assertThat(refused).contains("late");
        ended = false;
        add("a");
        add("b");
        assertThat(scheduled).as("no place was lost").hasSize(2);
    }

    @Test
    void aTaskThatThrowsKeepsNoPlace() {
        bounded.execute(
                () -> {
                    throw new IllegalStateException("on purpose");
                },
                refusal -> {});
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> scheduled.remove().run())
                .isInstanceOf(IllegalStateException.class);
        add("a");
        add("b");
        assertThat(scheduled).hasSize(2);
    }
}
