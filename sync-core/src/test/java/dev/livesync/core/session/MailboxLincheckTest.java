package dev.livesync.core.session;

import static dev.livesync.database.schedules.Schedules.require;

import dev.livesync.database.schedules.Schedules;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A mailbox against its sequential specification, a queue that one thread empties: each task runs once, one at a time, in the
 * order of its producer.
 */
class MailboxLincheckTest {
    private static final int SCHEDULES = 500;

    /** What a mailbox promises, and what it lacks in the planted defects. */
    @FunctionalInterface
    private interface Serial {
        void execute(Runnable task);
    }

    private static Mailbox mailbox(Executor executor, int longestTurn) {
        return new Mailbox(
                new TailExecutor(executor),
                longestTurn,
                crash -> {
                    throw new AssertionError(crash);
                },
                refusal -> {
                    throw new AssertionError(refusal);
                });
    }

    /** What ran. Without locks: a mailbox runs one task at a time, each after the other. */
    private static final class Protocol {
        private final String[] ran = new String[8];
        private int count;
        private boolean inside;
        private boolean overlap;

        Runnable task(String name) {
            return () -> {
                overlap |= inside;
                inside = true;
                ran[count++] = name;
                inside = false;
            };
        }

        int place(String name) {
            return Arrays.asList(ran).indexOf(name);
        }

        void check(int expected) {
            require(!overlap, "two tasks at once");
            require(count == expected, "ran: " + Arrays.toString(ran));
        }

        void checkOrder(String before, String after) {
            require(place(before) >= 0 && place(before) < place(after), "ran: " + Arrays.toString(ran));
        }
    }

    private static void twoProducers(Function<Executor, Serial> kind) throws InterruptedException {
        Schedules.Threads threads = new Schedules.Threads();
        Serial serial = kind.apply(threads);
        Protocol record = new Protocol();
        threads.execute(() -> {
            serial.execute(record.task("a1"));
            serial.execute(record.task("a2"));
        });
        threads.execute(() -> serial.execute(record.task("b1")));
        threads.join();
        record.check(3);
        record.checkOrder("a1", "a2");
        require(record.place("b1") >= 0, "ran: " + Arrays.toString(record.ran));
    }

    private static void urgentTasks() throws InterruptedException {
        Schedules.Threads threads = new Schedules.Threads();
        Mailbox mailbox = mailbox(threads, 2);
        Protocol record = new Protocol();
        threads.execute(() -> {
            mailbox.execute(record.task("a1"));
            mailbox.executeNext(record.task("x1"));
            mailbox.executeNext(record.task("x2"));
        });
        threads.execute(() -> mailbox.execute(record.task("b1")));
        threads.join();
        record.check(4);
        record.checkOrder("x1", "x2");
    }

    /** An executor that ends meanwhile: what does not run is known not to. */
    private static void endingExecutor() throws InterruptedException {
        Schedules.Threads threads = new Schedules.Threads();
        AtomicBoolean ended = new AtomicBoolean();
        AtomicInteger refusals = new AtomicInteger();
        Protocol record = new Protocol();
        Mailbox mailbox = new Mailbox(
                new TailExecutor(task -> {
                    if (ended.get()) {
                        throw new RejectedExecutionException("ended");
                    }
                    threads.execute(task);
                }),
                crash -> {
                    throw new AssertionError(crash);
                },
                refusal -> refusals.incrementAndGet());
        threads.execute(() -> mailbox.execute(record.task("a1")));
        threads.execute(() -> mailbox.execute(record.task("b1")));
        threads.execute(() -> ended.set(true));
        threads.join();
        require(!record.overlap, "two tasks at once");
        require(refusals.get() <= 1, "told twice");
        require(
                record.count == 2 || refusals.get() == 1,
                "ran: " + Arrays.toString(record.ran) + ", and nobody was told");
    }

    @Test
    void nothingIsLostOrRunsTwiceOrAtOnce() {
        Schedules.check(SCHEDULES, () -> twoProducers(executor -> mailbox(executor, 64)::execute));
    }

    @Test
    void theEndOfATurnLosesNothing() {
        Schedules.check(SCHEDULES, () -> twoProducers(executor -> mailbox(executor, 1)::execute));
    }

    @Test
    void urgentTasksRunOnceToo() {
        Schedules.check(SCHEDULES, MailboxLincheckTest::urgentTasks);
    }

    @Test
    void whatDoesNotRunIsRefused() {
        Schedules.check(SCHEDULES, MailboxLincheckTest::endingExecutor);
    }

    @Test
    @Tag("soak")
    void manySchedules() {
        int many = 40 * SCHEDULES;
        Schedules.check(many, () -> twoProducers(executor -> mailbox(executor, 64)::execute));
        Schedules.check(many, () -> twoProducers(executor -> mailbox(executor, 1)::execute));
        Schedules.check(many, MailboxLincheckTest::urgentTasks);
        Schedules.check(many, MailboxLincheckTest::endingExecutor);
    }

    /** Looks whether there is more, then goes: what comes in between stays. */
    private static Serial losesAWakeUp(Executor executor) {
        ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        AtomicBoolean active = new AtomicBoolean();
        return task -> {
            tasks.add(task);
            if (active.compareAndSet(false, true)) {
                executor.execute(() -> {
                    drain(tasks);
                    active.set(false);
                });
            }
        };
    }

    private static void drain(ConcurrentLinkedQueue<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Counts a task only after it has looked whether somebody is at work. */
    private static Serial runsTwoAtOnce(Executor executor) {
        ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        AtomicInteger waiting = new AtomicInteger();
        return task -> {
            tasks.add(task);
            boolean idle = waiting.get() == 0;
            waiting.incrementAndGet();
            if (idle) {
                executor.execute(() -> {
                    for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
                        next.run();
                        waiting.decrementAndGet();
                    }
                });
            }
        };
    }

    @Test
    void aLostWakeUpIsFound() {
        Schedules.checkFound(SCHEDULES, () -> twoProducers(MailboxLincheckTest::losesAWakeUp), "ran: ");
    }

    @Test
    void twoAtOnceAreFound() {
        Schedules.checkFound(SCHEDULES, () -> twoProducers(MailboxLincheckTest::runsTwoAtOnce), "two tasks at once");
    }
}
