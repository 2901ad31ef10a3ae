package dev.livesync.tck;

import static dev.livesync.tck.Make.ALICE;
import static dev.livesync.tck.Make.BOB;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Section 1: threads, failures, the end. */
interface ReplicaCallRules {
    private ReplicaFixture kit() {
        return ReplicaFixture.of(this);
    }

    @Rule(
            value = "R1.1",
            check = "state that commits share without a lock, a connection or cursor that belongs to one thread")
    default void everyMethodMayBeCalledFromAnyThread() throws Exception {
        int count = 4;
        ReplicaSubject subject = kit().fresh();
        Replica replica = subject.replica();
        Aside aside = kit().aside();
        CyclicBarrier together = new CyclicBarrier(count);
        List<Future<Integer>> writers = new ArrayList<>();
        List<Cid> written = new ArrayList<>();
        Event first = Make.put("first");
        subject.commit(first);
        written.add(first.cid());
        for (int w = 0; w < count; w++) {
            List<Event> chain = Make.chain("writer" + w + "-", 10, first);
            written.addAll(Make.cids(chain));
            writers.add(aside.start(() -> {
                together.await();
                int seen = 0;
                for (Event event : chain) {
                    replica.commit(new Commit(List.of(), List.of(event), ALICE));
                    try (Snapshot s = replica.snapshot()) {
                        Expect.that(s.event(event.cid()) != null, "a committed event is not in the next snapshot");
                        seen += ReplicaSubject.list(s.eventsSince(List.of())).size();
                    }
                }
                return seen;
            }));
        }
        for (Future<Integer> writer : writers) {
            aside.await("one of " + count + " threads that commit and read at the same time", writer);
        }
        Expect.sameOnce(
                "the complete events after " + count + " threads committed at the same time",
                written,
                subject.look(s -> ReplicaSubject.list(s.eventsSince(List.of()))));
    }

    @Rule(
            value = "R1.2",
            check =
                    "a lock that readers share with commit(); publish each commit as an immutable state and let readers take the latest")
    default void readersDoNotWaitForWriters() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Replica replica = subject.replica();
        Cursor start = subject.now();
        subject.commit(Make.put("before"));
        Aside aside = kit().aside();
        AtomicInteger looks = new AtomicInteger();
        Runnable look = () -> {
            looks.incrementAndGet();
            aside.call("snapshot(), called on another thread while a commit is at work,", () -> {
                try (Snapshot s = replica.snapshot()) {
                    return s.heads();
                }
            });
            aside.call(
                    "changes(), called on another thread while a commit is at work,", () -> replica.changes(start, 1));
        };
        Event event = Make.put("during");
        replica.commit(new Commit(List.of(), List.of(new PlantedEvent(event, look)), ALICE));
        Expect.that(looks.get() > 0, "commit() has not looked at the event that it was given");
    }

    @Rule(
            value = "R1.3",
            check = "what commit() has changed in memory or in its transaction when an event throws; roll both back")
    default void aMethodThatFailedHasChangedNothing() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event root = Make.put("root");
        Event waiting = Make.put("waiting", Make.put("absent"));
        subject.commit(Make.raw("before"));
        Cursor before = subject.commit(root, waiting).cursor();
        Seen state = subject.seen();
        Event fine = Make.put("fine", root);
        Event inner = Make.interior("inner", fine);
        List<Event> events = List.of(fine, inner, Make.put("outer", inner), Make.put("other", waiting));
        for (int at = 1; at <= 1_000; at++) {
            Countdown countdown = new Countdown(at);
            List<Event> planted = new ArrayList<>();
            events.forEach(e -> planted.add(new PlantedEvent(e, countdown)));
            Commit commit = new Commit(List.of(Make.raw("with them")), planted, BOB);
            Throwable thrown = Expect.thrown(() -> subject.replica().commit(commit));
            if (thrown == null) {
                Expect.that(!countdown.isOver(), "commit() returned though an event had failed under it");
                return;
            }
            String when = "after a commit that failed when it looked at its events for the " + at + ". time";
            state.requireSame(when, subject.seen());
            Expect.equal(
                    when + ": the changes since",
                    List.of(),
                    subject.replica().changes(before, 10).changes());
        }
        throw new AssertionError("commit() looked at four events 1,000 times and had not enough");
    }

    @Rule(
            value = "R1.3",
            check = "that a failed write is told as STORAGE, rolled back on the disk and forgotten in memory")
    @Needs(StoreFeature.FAILING_WRITES)
    default void aWriteThatFailedHasChangedNothing() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event root = Make.put("root");
        subject.commit(root);
        Seen state = subject.seen();
        Event next = Make.put("next", root);
        subject.store().failWrites(true);
        Expect.failure(
                ErrorKind.STORAGE,
                "commit() on a store that refuses to write",
                () -> subject.replica().commit(new Commit(List.of(Make.raw("block")), List.of(next), ALICE)));
        state.requireSame("after a commit that could not be written", subject.seen());
        subject.store().failWrites(false);
        Expect.equal(
                "what the same commit accepts once the store writes again",
                Make.cids(next),
                subject.commit(next).accepted());
    }

    @Rule(value = "R1.4", check = "exceptions of parsers, drivers and collections that leave a method as they are")
    default void failuresAreOfLiveSync() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Replica replica = subject.replica();
        Cursor now = subject.now();
        Expect.failure("changes() after a cursor that is no replica's", () -> replica.changes(new Cursor("?"), 1));
        Expect.failure("changes() of less than one event", () -> replica.changes(now, 0));
        try (Snapshot s = replica.snapshot()) {
            Expect.failure("tree() of an absent event", () -> s.tree(Make.absent("event")));
            Expect.failure("newNodes() of an absent event", () -> s.newNodes(Make.absent("event")));
        }
        Snapshot closed = replica.snapshot();
        closed.close();
        Expect.failure("heads() of a closed snapshot", closed::heads);
    }

    @Rule(value = "R1.5", check = "that every method looks whether the database is open, onChange() too")
    default void afterItsDatabaseWasClosedEveryMethodSaysSo() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event event = Make.put("a");
        subject.commit(event);
        Replica replica = subject.replica();
        Cursor cursor = subject.now();
        Snapshot snapshot = replica.snapshot();
        subject.close();
        ErrorKind closed = ErrorKind.CLOSED;
        Expect.failure(
                closed,
                "snapshot() of a closed database",
                () -> replica.snapshot().close());
        Expect.failure(closed, "changes() of a closed database", () -> replica.changes(cursor, 1));
        Expect.failure(
                closed,
                "commit() to a closed database",
                () -> replica.commit(new Commit(List.of(), List.of(event), ALICE)));
        Expect.failure(
                closed,
                "onChange() of a closed database",
                () -> replica.onChange(() -> {}).close());
        Throwable thrown = Expect.thrown(snapshot::close);
        Expect.equal("what close() of a snapshot throws after its database was closed", null, thrown);
    }

    @Rule(value = "R1.6", check = "that replica() returns a field and makes nothing")
    default void aDatabaseHasOneReplica() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Replica replica = subject.replica();
        Expect.that(subject.replica() == replica, "replica() of a database returned another replica the second time");
        Expect.that(replica.replica() == replica, "replica() of a replica is not the replica itself");
    }
}
