package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class TailExecutorTest {
    private final Queue<Runnable> scheduled = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();
    private boolean ended;
    private final TailExecutor executor = new TailExecutor(task -> {
        if (ended) {
            throw new RejectedExecutionException("ended");
        }
        scheduled.add(task);
    });

    private void runOne() {
        scheduled.remove().run();
    }

    @Test
    void whatIsLeftBeginsWhenTheTaskHasReturned() {
        executor.execute(() -> {
            executor.executeNext(() -> ran.add("next"));
            ran.add("first");
        });
        runOne();
        assertThat(ran).containsExactly("first", "next");
        assertThat(scheduled).isEmpty();
    }

    @Test
    void aSecondOneGoesToAnotherThread() {
        executor.execute(() -> {
            executor.executeNext(() -> ran.add("here"));
            executor.executeNext(() -> ran.add("there"));
        });
        runOne();
        assertThat(ran).containsExactly("here");
        runOne();
        assertThat(ran).containsExactly("here", "there");
    }

    @Test
    void outsideOfATaskItIsOneLikeOthers() {
        executor.executeNext(() -> ran.add("a"));
        assertThat(ran).isEmpty();
        runOne();
        assertThat(ran).containsExactly("a");
    }

    @Test
    void whoeverGoesOnHandsOver() {
        executor.execute(() -> {
            executor.executeNext(() -> ran.add("left"));
            executor.handOver();
            ran.add("first");
        });
        runOne();
        assertThat(ran).containsExactly("first");
        runOne();
        assertThat(ran).containsExactly("first", "left");
    }

    @Test
    void othersGetTheirTurn() {
        executor.execute(this::again);
        executor.execute(() -> ran.add("other"));
        runOne();
        assertThat(ran).hasSizeLessThan(50).doesNotContain("other");
        runOne();
        assertThat(ran).contains("other");
    }

    private void again() {
        ran.add("again");
        executor.executeNext(this::again);
    }

    @Test
    void whatATaskThatThrewHasLeftIsRunAllTheSame() {
        executor.execute(() -> {
            executor.executeNext(() -> ran.add("left"));
            throw new IllegalStateException("on purpose");
        });
        assertThatThrownBy(this::runOne).hasMessage("on purpose");
        runOne();
        assertThat(ran).containsExactly("left");
    }

    @Test
    void nothingIsLostWhereTheExecutorHasEnded() {
        executor.execute(() -> {
            executor.executeNext(() -> ran.add("left"));
            ended = true;
            executor.handOver();
            ran.add("first");
        });
        runOne();
        assertThat(ran).containsExactly("first", "left");
    }

    @Test
    void tasksOfAnotherExecutorAreNotOurs() {
        Queue<Runnable> others = new ArrayDeque<>();
        TailExecutor other = new TailExecutor(others::add);
        executor.execute(() -> other.executeNext(() -> ran.add("other")));
        runOne();
        assertThat(ran).isEmpty();
        assertThat(others).hasSize(1);
    }
}
