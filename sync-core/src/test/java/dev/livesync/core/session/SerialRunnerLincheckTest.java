package dev.livesync.core.session;

import static dev.livesync.database.schedules.Schedules.require;

import dev.livesync.api.internal.SerialRunner;
import dev.livesync.database.schedules.Schedules;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A runner of which one thread wants its steps run at once, as a channel that is shut: each step once, one at a time. */
class SerialRunnerLincheckTest {
    private static final int SCHEDULES = 500;

    /** What a {@link SerialRunner} promises, and what it lacks in the planted defect. */
    private interface Serial {
        void wake();

        void run();
    }

    private static void wokenAndRun(BiFunction<Executor, Supplier<Runnable>, Serial> kind) throws InterruptedException {
        Schedules.Threads threads = new Schedules.Threads();
        ConcurrentLinkedQueue<Runnable> steps = new ConcurrentLinkedQueue<>();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        Runnable step = () -> {
            if (inside.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            ran.incrementAndGet();
            inside.decrementAndGet();
        };
        Serial serial = kind.apply(threads, () -> steps.poll());
        threads.execute(() -> {
            steps.add(step);
            serial.wake();
        });
        threads.execute(() -> {
            steps.add(step);
            serial.wake();
            serial.run();
        });
        threads.join();
        require(overlaps.get() == 0, "two steps at once");
        require(ran.get() == 2, "steps that ran: " + ran);
    }

    private static Serial real(Executor executor, int turn, Supplier<Runnable> next) {
        SerialRunner runner = new SerialRunner(executor, turn, next, crash -> {
            throw new AssertionError(crash);
        });
        return new Serial() {
            @Override
            public void wake() {
                runner.wake();
            }

            @Override
            public void run() {
                runner.run();
            }
        };
    }

    @Test
    void nothingIsLostOrRunsTwiceOrAtOnce() {
        Schedules.check(SCHEDULES, () -> wokenAndRun((executor, next) -> real(executor, 64, next)));
    }

    @Test
    void theEndOfATurnLosesNothing() {
        Schedules.check(SCHEDULES, () -> wokenAndRun((executor, next) -> real(executor, 1, next)));
    }

    @Test
    @Tag("soak")
    void manySchedules() {
        Schedules.check(40 * SCHEDULES, () -> wokenAndRun((executor, next) -> real(executor, 64, next)));
        Schedules.check(40 * SCHEDULES, () -> wokenAndRun((executor, next) -> real(executor, 1, next)));
    }

    /** A task that comes while another is at work goes away, and the one at work may be about to stop. */
    private static final class ForgetsATask implements Serial {
        private final Executor executor;
        private final Supplier<Runnable> next;
        private boolean active;
        private boolean running;

        ForgetsATask(Executor executor, Supplier<Runnable> next) {
            this.executor = executor;
            this.next = next;
        }

        @Override
        public void wake() {
            synchronized (this) {
                if (active) {
                    return;
                }
                active = true;
            }
            executor.execute(() -> run());
        }

        @Override
        public void run() {
            synchronized (this) {
                if (running) {
                    return;
                }
                running = true;
                active = false;
            }
            for (Runnable step = next.get(); step != null; step = next.get()) {
                step.run();
            }
            synchronized (this) {
                running = false;
            }
        }
    }

    @Test
    void aTaskThatIsForgottenIsFound() {
        Schedules.checkFound(
                SCHEDULES, () -> wokenAndRun((executor, next) -> new ForgetsATask(executor, next)), "steps that ran: ");
    }
}
