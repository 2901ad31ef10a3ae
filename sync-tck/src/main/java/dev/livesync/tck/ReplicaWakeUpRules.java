package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Subscription;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Section 7: the hint that something changed. */
interface ReplicaWakeUpRules {
    private ReplicaFixture kit() {
        return ReplicaFixture.of(this);
    }

    @Rule(value = "R7.1", check = "wake-ups that are dropped while another one runs: remember that one is due")
    default void aWakeUpFollowsTheLatestCommit() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Semaphore woken = new Semaphore(0);
        AtomicReference<List<Cid>> seen = new AtomicReference<>(List.of());
        try (Subscription s = subject.replica().onChange(() -> {
            seen.set(subject.heads());
            woken.release();
        })) {
            for (Event event : Make.chain("a", 10)) {
                subject.commit(event);
                List<Cid> heads = List.of(event.cid());
                while (!heads.equals(seen.get())) {
                    Expect.that(
                            woken.tryAcquire(kit().awaitMillis(), TimeUnit.MILLISECONDS),
                            "no wake-up follows the latest commit: the last one saw " + seen.get() + ", not " + heads);
                }
            }
        }
    }

    @Rule(value = "R7.2", check = "that commit() hands wake-ups to a thread of the database's")
    default void wakeUpsComeOnThreadsOfTheDatabases() throws Exception {
        ReplicaSubject subject = kit().fresh();
        AtomicReference<Thread> caller = new AtomicReference<>();
        CountDownLatch woken = new CountDownLatch(1);
        try (Subscription s = subject.replica().onChange(() -> {
            caller.set(Thread.currentThread());
            woken.countDown();
        })) {
            subject.commit(Make.put("a"));
            Expect.that(woken.await(kit().awaitMillis(), TimeUnit.MILLISECONDS), "no wake-up follows a commit");
            Expect.that(caller.get() != Thread.currentThread(), "the wake-up came on the thread that called commit()");
        }
    }

    @Rule(
            value = "R7.3",
            check =
                    "that a wake-up asks under a lock whether its subscription is still open, and close() takes the same lock",
            needs = "R7.1")
    default void noWakeUpBeginsAfterItsSubscriptionWasClosed() throws Exception {
        ReplicaSubject subject = kit().fresh();
        AtomicInteger closed = new AtomicInteger();
        AtomicInteger tooLate = new AtomicInteger();
        Subscription first = subject.replica().onChange(() -> tooLate.addAndGet(closed.get()));
        Semaphore woken = new Semaphore(0);
        subject.commit(Make.put("a"));
        first.close();
        closed.set(1);
        Expect.equal("what a second close() of a subscription throws", null, Expect.thrown(first::close));
        try (Subscription second = subject.replica().onChange(woken::release)) {
            // Whoever wakes the second a third time would have woken the first by then.
            for (int i = 0; i < 3; i++) {
                subject.commit(Make.put("b" + i));
                Expect.that(
                        woken.tryAcquire(kit().awaitMillis(), TimeUnit.MILLISECONDS),
                        "no wake-up follows a commit, of a subscription beside a closed one");
                woken.drainPermits();
            }
        }
        Expect.equal("wake-ups that began after close() of their subscription", 0, tooLate.get());
    }
}
