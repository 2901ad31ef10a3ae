package dev.livesync.tck;

import static dev.livesync.tck.Make.ALICE;
import static dev.livesync.tck.Make.BOB;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Subscription;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
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

    @Rule(
            value = "R7.1",
            check =
                    "what a commit asks before it wakes: whether events became complete, and nothing about their origin, their "
                            + "blocks or the rest of the commit")
    default void aWakeUpFollowsEveryKindOfCommit() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        Event c = Make.put("c", b);
        Event inner = Make.interior("inner", c);
        Event end = Make.put("end", inner);
        Event left = Make.put("left", end);
        Event right = Make.put("right", end);
        Event merge = Make.put("merge", left, right);
        Event absent = Make.put("absent");
        Event waits = Make.put("waits", absent);
        Map<String, Commit> kinds = new LinkedHashMap<>();
        kinds.put("a local commit", new Commit(List.of(), List.of(a), Origin.LOCAL));
        kinds.put("blocks only", new Commit(List.of(Make.raw("one"), b.block()), List.of(), ALICE));
        kinds.put("an event whose block was stored already", new Commit(List.of(), List.of(b), ALICE));
        kinds.put("pending events only", new Commit(List.of(), List.of(end, inner, waits), ALICE));
        kinds.put("an event that completes what another peer brought", new Commit(List.of(), List.of(c), BOB));
        kinds.put("a stored event beside a new one", new Commit(List.of(), List.of(a, left, b), BOB));
        kinds.put("a stored event", new Commit(List.of(), List.of(left), ALICE));
        kinds.put("a fork", new Commit(List.of(Make.raw("two")), List.of(right), ALICE));
        kinds.put("a merge", new Commit(List.of(), List.of(merge), ALICE));
        kinds.put(
                "a local commit of what pending events wait for", new Commit(List.of(), List.of(absent), Origin.LOCAL));
        kinds.put("a delete", new Commit(List.of(), List.of(Make.delete("a", Make.SOME_TREE, merge)), ALICE));
        Semaphore woken = new Semaphore(0);
        List<Cid> told = new CopyOnWriteArrayList<>();
        Cursor[] place = {subject.now()};
        try (Subscription s = subject.replica().onChange(() -> {
            synchronized (told) { // two may come at once
                Changes page = subject.replica().changes(place[0], 1_000);
                place[0] = page.next();
                told.addAll(ReplicaSubject.events(page.changes()));
            }
            woken.release();
        })) {
            for (Map.Entry<String, Commit> kind : kinds.entrySet()) {
                subject.commit(kind.getValue());
                while (told.size() < subject.oracle.complete().size()) {
                    Expect.that(
                            woken.tryAcquire(kit().awaitMillis(), TimeUnit.MILLISECONDS),
                            "no wake-up that finds its events in the feed follows this commit: " + kind.getKey());
                }
            }
        }
        Expect.sameOnce("what wake-ups found in the feed", subject.oracle.complete(), told);
    }

    @Rule(
            value = "R7.1",
            check =
                    "a wake-up that is due while one runs: it has to run afterwards, for the other one may have read already")
    default void aWakeUpThatIsDueWhileOneRunsIsNotLost() throws Exception {
        ReplicaSubject subject = kit().fresh();
        List<Event> chain = Make.chain("a", 2);
        CountDownLatch reads = new CountDownLatch(1);
        CountDownLatch committed = new CountDownLatch(1);
        AtomicReference<List<Cid>> seen = new AtomicReference<>(List.of());
        Semaphore woken = new Semaphore(0);
        Aside aside = kit().aside();
        try (Subscription s = subject.replica().onChange(() -> {
            seen.set(subject.heads());
            reads.countDown();
            await(committed);
            woken.release();
        })) {
            subject.commit(chain.get(0));
            Expect.that(reads.await(kit().awaitMillis(), TimeUnit.MILLISECONDS), "no wake-up follows a commit");
            aside.call("commit() while a wake-up runs", () -> subject.commit(chain.get(1)));
            committed.countDown();
            while (!Make.cids(chain.get(1)).equals(seen.get())) {
                Expect.that(
                        woken.tryAcquire(kit().awaitMillis(), TimeUnit.MILLISECONDS),
                        "no wake-up follows a commit that came while another wake-up ran and had read already");
            }
        } finally {
            committed.countDown();
        }
    }

    /** For callbacks: not longer than the kit has patience. */
    private void await(CountDownLatch latch) {
        try {
            latch.await(kit().awaitMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
            commitsWake(subject, woken);
        }
        Expect.equal("wake-ups that began after close() of their subscription", 0, tooLate.get());
    }

    /** Whoever wakes an open subscription a third time would have woken the closed one by then. */
    private void commitsWake(ReplicaSubject subject, Semaphore woken) throws Exception {
        for (int i = 0; i < 3; i++) {
            subject.commit(Make.put("b" + i));
            Expect.that(
                    woken.tryAcquire(kit().awaitMillis(), TimeUnit.MILLISECONDS),
                    "no wake-up follows a commit, of a subscription beside a closed one");
            woken.drainPermits();
        }
    }

    @Rule(
            value = "R7.3",
            check =
                    "wake-ups that wait in a queue when their subscription is closed: ask whether it is open when they begin",
            needs = "R7.1")
    default void aWakeUpThatWaitsItsTurnIsDroppedWithItsSubscription() throws Exception {
        ReplicaSubject subject = kit().fresh();
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        AtomicInteger closed = new AtomicInteger();
        AtomicInteger tooLate = new AtomicInteger();
        Semaphore woken = new Semaphore(0);
        try (Subscription slow = subject.replica().onChange(() -> {
                    entered.countDown();
                    await(released);
                });
                Subscription second = subject.replica().onChange(() -> tooLate.addAndGet(closed.get()))) {
            subject.commit(Make.put("a"));
            Expect.that(entered.await(kit().awaitMillis(), TimeUnit.MILLISECONDS), "no wake-up follows a commit");
            kit().aside().call("close() of a subscription while another one's wake-up runs", () -> {
                second.close();
                return "";
            });
            closed.set(1);
            released.countDown();
            try (Subscription third = subject.replica().onChange(woken::release)) {
                commitsWake(subject, woken);
            }
        } finally {
            released.countDown();
        }
        Expect.equal("wake-ups that began after close() of their subscription", 0, tooLate.get());
    }
}
