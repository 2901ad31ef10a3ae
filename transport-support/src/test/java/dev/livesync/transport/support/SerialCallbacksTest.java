package dev.livesync.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.internal.SerialRunner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** A {@link SerialRunner} whose tasks are handed over by {@link Handover}, as channels do it. */
class SerialCallbacksTest {
    private final List<Throwable> crashes = new ArrayList<>();

    @Test
    void anExecutorThatHasEndedIsNoFailureOfTheLastStep() {
        List<Runnable> tasks = new ArrayList<>();
        boolean[] ended = {false};
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        SerialRunner runner = new SerialRunner(
                task -> Handover.to(
                        taken -> {
                            if (ended[0]) {
                                throw new RejectedExecutionException("ended");
                            }
                            tasks.add(taken);
                        },
                        task),
                64,
                steps::poll,
                crashes::add);
        steps.add(() -> {
            ran.add("last");
            ended[0] = true;
        });
        runner.wake();
        tasks.remove(0).run();
        runner.wake();
        assertThat(ran).containsExactly("last");
        assertThat(runner.isRunner()).isFalse();
        assertThat(crashes).isEmpty();
    }

    /** Or a channel's one close is never told. */
    @Test
    void whatTheExecutorRefusesIsDoneByWhoeverAsks() {
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        SerialRunner[] own = new SerialRunner[1];
        SerialRunner runner = new SerialRunner(
                task -> Handover.to(
                        refused -> {
                            throw new RejectedExecutionException("ended");
                        },
                        task),
                2,
                steps::poll,
                crashes::add);
        own[0] = runner;
        for (int i = 0; i < 7; i++) {
            String name = "s" + i;
            steps.add(() -> {
                assertThat(own[0].isRunner()).isTrue();
                ran.add(name);
                own[0].wake();
            });
        }
        runner.wake();
        assertThat(ran).containsExactly("s0", "s1", "s2", "s3", "s4", "s5", "s6");
        assertThat(runner.isRunner()).isFalse();
        assertThat(crashes).isEmpty();
        steps.add(() -> ran.add("again"));
        runner.wake();
        assertThat(ran).contains("again");
    }
}
