package dev.livesync.transport.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HandoverTest {
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void whatIsRefusedIsDoneHereAndNow() {
        Handover.to(
                task -> {
                    throw new RejectedExecutionException("full");
                },
                runs::incrementAndGet);
        assertThat(runs).hasValue(1);
    }

    /** As a pool does that has queued the task and then finds no memory for a thread. */
    @Test
    void whatWasTakenAndRefusedIsDoneOnce() {
        List<Runnable> queue = new ArrayList<>();
        Handover.to(
                task -> {
                    queue.add(task);
                    throw new OutOfMemoryError("unable to create native thread");
                },
                runs::incrementAndGet);
        queue.forEach(Runnable::run);
        assertThat(runs).hasValue(1);
    }

    @Test
    void whatATaskThrowsOnThisThreadIsItsOwn() {
        assertThatThrownBy(() -> Handover.to(Runnable::run, () -> {
                    runs.incrementAndGet();
                    throw new IllegalStateException("its own");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(runs).hasValue(1);
    }
}
