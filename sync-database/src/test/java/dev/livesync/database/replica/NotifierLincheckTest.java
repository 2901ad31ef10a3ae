package dev.livesync.database.replica;

import static dev.livesync.database.schedules.Schedules.require;

import dev.livesync.api.replica.Subscription;
import dev.livesync.database.schedules.Schedules;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What commits tell the notifier reaches its listeners: whoever waits for it here waits for ever if it is lost, which Lincheck
 * calls a deadlock.
 */
class NotifierLincheckTest {
    private static final int SCHEDULES = 500;
    /** Of scenarios with more steps. */
    private static final int FEWER_SCHEDULES = 100;

    /** The wake-ups of a {@link Notifier}, and of the planted defect. */
    private interface WakeUps {
        Subscription onChange(Runnable wakeUp);

        void changed();

        Thread end();
    }

    private static WakeUps real() {
        Notifier notifier = new Notifier("notifier");
        return new WakeUps() {
            @Override
            public Subscription onChange(Runnable wakeUp) {
                return notifier.onChange(wakeUp);
            }

            @Override
            public void changed() {
                notifier.changed(List::of, null);
            }

            @Override
            public Thread end() {
                return notifier.end();
            }
        };
    }

    /** Has a listener wait for something. */
    private static final class Signal {
        private boolean given;

        synchronized void give() {
            given = true;
            notifyAll();
        }

        synchronized void await() throws InterruptedException {
            while (!given) {
                wait();
            }
        }
    }

    /** Two commits; a listener that looks when it is woken sees both sooner or later. */
    private static void twoCommits(Supplier<WakeUps> kind) throws InterruptedException {
        Schedules.Threads threads = new Schedules.Threads();
        WakeUps notifier = kind.get();
        AtomicInteger commits = new AtomicInteger();
        Signal both = new Signal();
        notifier.onChange(() -> {
            if (commits.get() == 2) {
                both.give();
            }
        });
        for (int i = 0; i < 2; i++) {
            threads.execute(() -> {
                commits.incrementAndGet();
                notifier.changed();
            });
        }
        both.await();
        threads.join();
        notifier.end().join();
    }

    /** Three documents of two threads: each is told once, in the order of its thread. */
    private static void documents() throws InterruptedException {
        Schedules.Threads threads = new Schedules.Threads();
        Notifier notifier = new Notifier("notifier");
        Signal all = new Signal();
        StringBuilder told = new StringBuilder();
        notifier.onDocuments(ids -> {
            ids.forEach(told::append);
            if (told.length() >= 3) {
                all.give();
            }
        });
        threads.execute(() -> {
            notifier.changed(() -> List.of("a"), null);
            notifier.changed(() -> List.of("b"), null);
        });
        threads.execute(() -> notifier.changed(() -> List.of("c"), null));
        all.await();
        threads.join();
        notifier.end().join();
        require(told.length() == 3 && told.indexOf("c") >= 0 && told.indexOf("a") < told.indexOf("b"), "told: " + told);
    }

    /** Once a subscription is closed no wake-up begins. */
    private static void closedSubscription() throws InterruptedException {
        Schedules.Threads threads = new Schedules.Threads();
        Notifier notifier = new Notifier("notifier");
        AtomicBoolean closed = new AtomicBoolean();
        AtomicBoolean late = new AtomicBoolean();
        Subscription subscription = notifier.onChange(() -> late.compareAndSet(false, closed.get()));
        threads.execute(() -> notifier.changed(List::of, null));
        threads.execute(() -> {
            subscription.close();
            closed.set(true);
        });
        threads.join();
        notifier.end().join();
        require(!late.get(), "a wake-up after its end");
    }

    /** The thread ends, whenever somebody subscribes, and nothing is told afterwards. */
    private static void closedNotifier() throws InterruptedException {
        Schedules.Threads threads = new Schedules.Threads();
        Notifier notifier = new Notifier("notifier");
        AtomicBoolean closed = new AtomicBoolean();
        AtomicBoolean late = new AtomicBoolean();
        threads.execute(() -> {
            notifier.onChange(() -> late.compareAndSet(false, closed.get()));
            notifier.changed(List::of, null);
        });
        threads.execute(() -> {
            join(notifier.end());
            closed.set(true);
        });
        threads.join();
        require(!late.get(), "a wake-up after the end");
    }

    // Not close(): Lincheck takes no notice of a join with a timeout, which then waits for a thread that it holds back.
    private static void join(Thread thread) {
        try {
            if (thread != null) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void noWakeUpIsLost() {
        Schedules.check(SCHEDULES, () -> twoCommits(NotifierLincheckTest::real));
    }

    @Test
    void documentsAreToldOnceAndInOrder() {
        Schedules.check(FEWER_SCHEDULES, NotifierLincheckTest::documents);
    }

    @Test
    void aClosedSubscriptionIsSilent() {
        Schedules.check(FEWER_SCHEDULES, NotifierLincheckTest::closedSubscription);
    }

    @Test
    void closingEndsEverything() {
        Schedules.check(FEWER_SCHEDULES, NotifierLincheckTest::closedNotifier);
    }

    @Test
    @Tag("soak")
    void manySchedules() {
        int many = 40 * SCHEDULES;
        Schedules.check(many, () -> twoCommits(NotifierLincheckTest::real));
        Schedules.check(many, NotifierLincheckTest::documents);
        Schedules.check(many, NotifierLincheckTest::closedSubscription);
        Schedules.check(many, NotifierLincheckTest::closedNotifier);
    }

    /** Forgets what came in while it told what came before. */
    private static final class LosesAWakeUp implements WakeUps {
        private Runnable target;
        private Thread thread;
        private boolean due;
        private boolean closed;

        @Override
        public Subscription onChange(Runnable wakeUp) {
            target = wakeUp;
            thread = new Thread(this::run);
            thread.start();
            return () -> {};
        }

        private void run() {
            while (awaitDue()) {
                target.run();
                synchronized (this) {
                    due = false;
                }
            }
        }

        private synchronized boolean awaitDue() {
            try {
                while (!due && !closed) {
                    wait();
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return !closed;
        }

        @Override
        public synchronized void changed() {
            due = true;
            notifyAll();
        }

        @Override
        public synchronized Thread end() {
            closed = true;
            notifyAll();
            return thread;
        }
    }

    @Test
    void aLostWakeUpIsFound() {
        Schedules.checkFound(SCHEDULES, () -> twoCommits(() -> new LosesAWakeUp()), "deadlock");
    }
}
