package dev.livesync.database.schedules;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Runs a scenario of a few threads under many of their schedules. Lincheck chooses the schedules, the same ones in every run: those
 * with few changes of threads first. A scenario that fails is printed step by step.
 */
public final class Schedules {
    private static final int SCENARIOS = 3;

    private Schedules() {}

    /** What happens in one schedule; makes everything that it uses. */
    @FunctionalInterface
    public interface Scenario {
        void run() throws InterruptedException;
    }

    /** The threads of one run of a scenario. As an executor it starts a thread for each task. */
    public static final class Threads implements Executor {
        // Each step here is one more to interleave, so there are few.
        private final Thread[] started = new Thread[16];
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public void execute(Runnable task) {
            Thread thread = new Thread(task);
            started[count.getAndIncrement()] = thread;
            thread.start();
        }

        /** Waits for all threads, those too that these start meanwhile. */
        public void join() throws InterruptedException {
            for (int i = 0; i < count.get(); i++) {
                started[i].join();
            }
        }
    }

    /** Fails if the scenario fails, deadlocks or loops for ever in one of so many schedules. */
    public static void check(int schedules, Scenario scenario) {
        Lincheck.runConcurrentTest(schedules, () -> {
            try {
                scenario.run();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Fails unless one of so many schedules shows the defect that was planted. */
    public static void checkFound(int schedules, Scenario planted, String message) {
        assertThatThrownBy(() -> check(schedules, planted))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining(message);
    }

    /**
     * Fails if what the operations of a class return, when threads call them, is not what they return one after the other; or if an
     * assertion fails.
     *
     * @param schedules how many for each of {@value #SCENARIOS} scenarios
     * @param operations has methods with {@link org.jetbrains.lincheck.datastructures.Operation}
     */
    public static void check(int schedules, Class<?> operations) {
        new ModelCheckingOptions()
                .iterations(SCENARIOS)
                .invocationsPerIteration(schedules)
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(1)
                .addGuarantee(forClasses(Schedules::isBeneath).allMethods().ignore())
                .check(operations);
    }

    /** Fails unless one of so many schedules shows the defect that was planted. */
    public static void checkFound(int schedules, Class<?> planted, String message) {
        assertThatThrownBy(() -> check(schedules, planted))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining(message);
    }

    /** What is not to be interleaved: the log, which one thread at a time writes, and codecs and digests, which belong to one thread. */
    private static boolean isBeneath(String name) {
        return name.startsWith("dev.livesync.database.log.Segment")
                || name.startsWith("dev.livesync.database.log.Payload")
                || name.startsWith("dev.livesync.database.log.Transaction")
                || name.startsWith("dev.livesync.database.disk.")
                || name.startsWith("dev.livesync.api.");
    }

    /** To be used in scenarios: AssertJ has many steps that could be interleaved. */
    public static void require(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
