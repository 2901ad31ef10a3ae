package dev.livesync.tck;

import static dev.livesync.tck.Make.ALICE;
import static dev.livesync.tck.Make.BOB;
import static dev.livesync.tck.Make.SOME_TREE;
import static dev.livesync.tck.Make.cids;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Section 3: which events are complete, and what becomes of those that are not. */
interface ReplicaEventRules {
    private ReplicaFixture kit() {
        return ReplicaFixture.of(this);
    }

    @Rule(
            value = "R3.1",
            check =
                    "who looks at waiting events when their last ancestor arrives, and at those that wait for them in turn")
    default void anEventIsCompleteAsSoonAsAllItsAncestorsAreStored() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        Event c = Make.put("c");
        Event d = Make.put("d", b, c);
        Event e = Make.put("e", d);
        List<Cid> all = cids(a, b, c, d, e);
        for (Event event : List.of(e, b, a, d, c)) {
            subject.commit(event);
            Expect.sameOnce(
                    "the complete events after " + event + " came", subject.oracle.complete(), subject.shown(all));
        }
    }

    @Rule(
            value = "R3.2",
            check =
                    "whether event(), isComplete(), heads(), eventsSince(), summary() and changes() all ask for complete events")
    default void whatIsPendingIsNotShown() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Cursor start = subject.now();
        Event a = Make.put("a");
        subject.commit(a);
        Event waits = Make.put("waits", Make.put("absent"));
        Event after = Make.put("after", waits, a);
        subject.commit(waits, after);
        subject.look(s -> {
            Expect.equal("event() of a pending event", null, s.event(waits.cid()));
            Expect.equal("event() of what follows a pending event", null, s.event(after.cid()));
            Expect.that(!s.isComplete(waits.cid()), "isComplete() of a pending event is true");
            Expect.equal("the heads beside pending events", cids(a), s.heads());
            Expect.equal(
                    "the events of a snapshot beside pending ones",
                    cids(a),
                    ReplicaSubject.list(s.eventsSince(List.of())));
            Expect.equal("how many events the summary counts", 1L, s.summary().events());
            return s;
        });
        Expect.equal(
                "the events of the feed beside pending ones", cids(a), ReplicaSubject.events(subject.feed(start, 10)));
    }

    @Rule(value = "R3.3", check = "whether block(), storedCids() and missing() look at pending events as well")
    default void whatIsPendingIsStored() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event waits = Make.put("waits", Make.put("absent"));
        subject.commit(waits);
        subject.look(s -> {
            Expect.equal("the block of a pending event", waits.block(), s.block(waits.cid()));
            Expect.equal("the stored CIDs with one pending event", cids(waits), ReplicaSubject.list(s.storedCids()));
            Expect.equal("missing() of a pending event", List.of(), s.missing(cids(waits)));
            Expect.equal(
                    "how many pending events the summary counts",
                    1L,
                    s.summary().pending());
            return s;
        });
    }

    @Rule(
            value = "R3.4",
            check = "interior events, which have no tree: they wait for an event with a tree that descends from them",
            needs = "R3.1")
    default void aBatchIsShownAsAWhole() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event base = Make.put("base");
        Event one = Make.interior("one", base);
        Event two = Make.interior("two", one);
        Event three = Make.put("three", two);
        List<Cid> all = cids(base, one, two, three);
        for (Event event : List.of(base, one, two)) {
            subject.commit(event);
            Expect.sameOnce("the complete events before the batch has its end", cids(base), subject.shown(all));
        }
        subject.commit(three);
        Expect.sameOnce("the complete events after the batch has its end", all, subject.shown(all));
    }

    @Rule(
            value = "R3.5",
            check =
                    "that a delete without a tree is judged by the documents after it, and again when what it waited for has come",
            needs = "R3.1")
    default void aDeleteWithoutATreeEndsABatchOnlyIfItLeavesNothing() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        Event deleteA = Make.delete("a", null, b);
        Event deleteB = Make.delete("b", null, deleteA);
        subject.commit(a, b, deleteA);
        Expect.sameOnce(
                "the complete events while the last is a delete that leaves a document and names no tree",
                cids(a, b),
                subject.shown(cids(a, b, deleteA)));
        subject.commit(deleteB);
        Expect.sameOnce(
                "the complete events after a delete that leaves no document",
                cids(a, b, deleteA, deleteB),
                subject.shown(cids(a, b, deleteA, deleteB)));
    }

    @Rule(
            value = "R3.6",
            check = "events that are judged once on arrival; run the printed seed",
            needs = {"R3.1", "R3.4", "R3.5"})
    default void theOrderOfArrivalDoesNotMatter() throws Exception {
        for (long seed : ReplicaFixture.seeds(5)) {
            RandomHistory history = new RandomHistory(new Random(seed), 40);
            ReplicaSubject subject = kit().fresh();
            for (Commit commit : history.shuffled(new Random(~seed))) {
                subject.commit(commit);
            }
            String what = " of a history that came in any order (seed " + seed + ")";
            List<Cid> all = cids(history.events());
            Expect.sameOnce("the complete events" + what, subject.oracle.complete(), subject.shown(all));
        }
    }

    @Rule(
            value = "R3.7",
            check = "what is known of waiting events only in memory, their origin and arrival included",
            needs = "R2.2")
    @Needs(StoreFeature.RESTART)
    default void pendingEventsSurviveARestart() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        Event inner = Make.interior("inner", b);
        subject.commit(b, inner);
        subject.restart();
        subject.commit(a);
        subject.restart();
        Event outer = Make.put("outer", inner);
        subject.commit(outer);
        Expect.sameOnce(
                "the complete events when what they waited for came after a restart",
                cids(a, b, inner, outer),
                subject.shown(cids(a, b, inner, outer)));
    }

    @Rule(value = "R3.8", check = "that what would stay pending is counted before anything is stored")
    default void aCommitOverThePendingQuotaIsRefusedWhole() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event fine = Make.put("fine");
        subject.commit(fine);
        Seen before = subject.seen();
        List<Event> events = new ArrayList<>(List.of(Make.put("next", fine)));
        events.addAll(waiting(subject, "flood", 24)); // twice the quota and more
        Expect.failure(
                ErrorKind.LIMIT_EXCEEDED,
                "commit() of pending events over the quota",
                () -> subject.replica().commit(new Commit(List.of(Make.raw("block")), events, ALICE)));
        before.requireSame("after a commit over the quota", subject.seen());
    }

    /** Pending events, each of a tenth of the quota. */
    private static List<Event> waiting(ReplicaSubject subject, String ids, int count) {
        return waiting(subject, ids, count, Make.put("absent"));
    }

    private static List<Event> waiting(ReplicaSubject subject, String ids, int count, Event absent) {
        int size = Math.toIntExact(subject.store().pendingBytesPerPeer() / 10);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(Make.large(ids + i, size, absent));
        }
        return events;
    }

    @Rule(
            value = "R3.9",
            check = "the order in which pending events are given up, and every index that still names them")
    default void theOldestPendingEventsMakeRoomAndAreGoneEverywhere() throws Exception {
        ReplicaSubject subject = kit().fresh();
        List<Event> events = waiting(subject, "flood", 30);
        for (Event event : events) {
            Expect.equal(
                    "pending, of a small commit beyond the quota",
                    cids(event),
                    subject.replica()
                            .commit(new Commit(List.of(), List.of(event), ALICE))
                            .pending());
        }
        subject.look(s -> {
            List<Cid> stored = ReplicaSubject.list(s.storedCids());
            int kept = stored.size();
            Expect.that(
                    kept >= 4 && kept <= 10,
                    "of 30 pending events that take a tenth of the quota each, " + kept + " are kept, not 4 to 10");
            Expect.sameOnce("the pending events that are kept", cids(events.subList(30 - kept, 30)), stored);
            List<Cid> gone = cids(events.subList(0, 30 - kept));
            Expect.equal("missing() of the events that were given up", gone, s.missing(cids(events)));
            for (Cid cid : gone) {
                Expect.equal("block() of an event that was given up", null, s.block(cid));
            }
            Expect.equal(
                    "how many pending events the summary counts",
                    (long) kept,
                    s.summary().pending());
            Expect.equal(
                    "how many blocks the summary counts",
                    (long) kept,
                    s.summary().blocks());
            Expect.equal(
                    "how many bytes the summary counts",
                    events.subList(30 - kept, 30).stream()
                            .mapToLong(e -> e.block().size())
                            .sum(),
                    s.summary().bytes());
            return s;
        });
    }

    @Rule(value = "R3.9", check = "that the quota is kept for each Origin.peer(), not for each Origin.session()")
    default void aPeersQuotaIsOneForAllItsSessions() throws Exception {
        ReplicaSubject subject = kit().fresh();
        List<Event> events = waiting(subject, "flood", 30);
        for (int i = 0; i < events.size(); i++) {
            Origin again = new Origin("session-" + i, ALICE.peer());
            subject.replica().commit(new Commit(List.of(), List.of(events.get(i)), again));
        }
        requireAQuotaAtMost(subject, "after a peer sent three times its quota in thirty sessions");
    }

    private static void requireAQuotaAtMost(ReplicaSubject subject, String when) {
        int kept = subject.stored().size();
        Expect.that(
                kept <= 10,
                kept + " pending events that take a tenth of the quota each are kept " + when + ", not 10 or less");
    }

    @Rule(
            value = "R3.9",
            check = "that after a start it is known whose the pending events are, and what they take",
            needs = "R3.7")
    @Needs(StoreFeature.RESTART)
    default void theQuotaHoldsAfterARestart() throws Exception {
        ReplicaSubject subject = kit().fresh();
        for (Event event : waiting(subject, "before", 8)) {
            subject.replica().commit(new Commit(List.of(), List.of(event), ALICE));
        }
        subject.restart();
        for (Event event : waiting(subject, "after", 8)) {
            subject.replica().commit(new Commit(List.of(), List.of(event), ALICE));
        }
        requireAQuotaAtMost(subject, "of eight before a restart and eight after it");
    }

    @Rule(value = "R3.10", check = "that the quota is kept for each Origin.peer(), not for all together")
    default void whatOnePeerSendsCostsNoOtherPeersEvents() throws Exception {
        ReplicaSubject subject = kit().fresh();
        List<Event> bobs = waiting(subject, "bobs", 3);
        subject.commit(BOB, bobs);
        for (Event event : waiting(subject, "flood", 30)) {
            subject.replica().commit(new Commit(List.of(), List.of(event), ALICE));
        }
        Expect.equal(
                "the absent ones of another peer's pending events after a flood",
                List.of(),
                subject.look(s -> s.missing(cids(bobs))));
    }

    @Rule(value = "R3.11", check = "caches of known CIDs that outlive what was given up")
    default void whatWasGivenUpCanComeAgain() throws Exception {
        ReplicaSubject subject = kit().fresh();
        List<Event> events = waiting(subject, "flood", 30);
        for (Event event : events) {
            subject.replica().commit(new Commit(List.of(), List.of(event), ALICE));
        }
        Event absent = Make.put("absent");
        subject.replica().commit(new Commit(List.of(), List.of(absent), ALICE));
        List<Cid> gone = subject.look(s -> s.missing(cids(events)));
        for (Event event : events) {
            subject.replica().commit(new Commit(List.of(), List.of(event), ALICE));
        }
        List<Cid> all = new ArrayList<>(cids(events));
        all.add(absent.cid());
        Expect.that(!gone.isEmpty(), "nothing was given up though three times the quota was sent");
        Expect.sameOnce("the complete events after what was given up came again", all, subject.shown(all));
    }

    @Rule(value = "R3.12", check = "that the quota is applied to what stays pending after the commit")
    default void completeEventsCountAgainstNoQuota() throws Exception {
        ReplicaSubject subject = kit().fresh();
        int size = Math.toIntExact(subject.store().pendingBytesPerPeer() / 10);
        List<Event> chain = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            chain.add(i == 0 ? Make.large("c0", size) : Make.large("c" + i, size, chain.get(i - 1)));
        }
        List<Event> backwards = new ArrayList<>(chain);
        java.util.Collections.reverse(backwards);
        CommitResult result = subject.replica().commit(new Commit(List.of(), backwards, ALICE));
        Expect.sameOnce("accepted, of complete events of more than twice the quota", cids(chain), result.accepted());
        for (Event event : waiting(subject, "flood", 30)) {
            subject.replica().commit(new Commit(List.of(), List.of(event), ALICE));
        }
        Set<Cid> all = new HashSet<>(cids(chain));
        Expect.equal("the complete events after a flood of pending ones", all, subject.shown(cids(chain)));
    }

    @Rule(
            value = "R3.14",
            check =
                    "counters of pending bytes: raised once for an event, lowered when it becomes complete or is given up, and "
                            + "untouched by a commit that is refused")
    default void whatIsSentAgainCountsOnce() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event absent = Make.put("absent");
        List<Event> events = waiting(subject, "again", 4, absent);
        Origin later = new Origin("another-session", ALICE.peer());
        for (Origin origin : List.of(ALICE, ALICE, ALICE, later, later, BOB, BOB, BOB, ALICE)) {
            Expect.sameOnce(
                    "pending, of a commit of four tenths of the quota that is sent again",
                    cids(events),
                    subject.commit(origin, events).pending());
        }
        List<Event> thrice = new ArrayList<>(events);
        thrice.addAll(events);
        thrice.addAll(events);
        subject.commit(ALICE, thrice);
        requireKept(subject, events, "after they were sent again and again");
        List<Event> more = new ArrayList<>(events);
        more.addAll(waiting(subject, "more", 1, absent));
        subject.commit(ALICE, more);
        requireKept(subject, more, "after another came together with them");
        for (int i = 0; i < 3; i++) {
            Expect.failure(
                    ErrorKind.LIMIT_EXCEEDED,
                    "commit() of pending events over the quota",
                    () -> subject.replica().commit(new Commit(List.of(), waiting(subject, "flood", 24), ALICE)));
        }
        more.addAll(waiting(subject, "later", 1, absent));
        subject.commit(ALICE, more);
        requireKept(subject, more, "after commits that were refused");
        List<Event> bobs = waiting(subject, "bobs", 6, absent);
        subject.commit(BOB, bobs);
        subject.commit(BOB, more);
        requireKept(subject, more, "after another peer sent them as well");
        requireKept(subject, bobs, "after their peer sent as much that was there from another");
        subject.commit(BOB, List.of(absent));
        for (int i = 0; i < 4; i++) {
            Event next = Make.put("absent" + i);
            List<Event> round = waiting(subject, "round" + i + "-", 4, next);
            subject.commit(ALICE, round);
            requireKept(subject, round, "after those before them had become complete");
            subject.commit(ALICE, List.of(next));
        }
        List<Cid> all = subject.oracle.complete();
        Expect.sameOnce("the complete events when all had come", all, subject.shown(all));
    }

    private static void requireKept(ReplicaSubject subject, List<Event> events, String when) {
        Expect.equal(
                "what was given up of " + events.size() + " pending events of a tenth of the quota each, " + when,
                List.of(),
                subject.look(s -> s.missing(cids(events))));
    }

    @Rule(value = "R4.1", check = "that every parent leaves the heads, those of events that were pending before too")
    default void headsAreTheMaximalEvents() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        Event c = Make.put("c", a);
        // An alpha may name an ancestor of a parent as a parent.
        Event d = Make.put("d", a, b);
        Event e = Make.put("e", c, d);
        Event other = Make.put("other");
        Expect.equal("the heads of an empty history", List.of(), subject.heads());
        for (Event event : List.of(a, c, d, b, other, e)) {
            subject.commit(event);
            Expect.sameOnce("the heads after " + event + " came", subject.oracle.heads(), subject.heads());
        }
    }

    @Rule(value = "R4.2", check = "that only events which close a batch become heads")
    default void noHeadIsInterior() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event base = Make.put("base");
        Event one = Make.interior("one", base);
        Event two = Make.delete("base", null, one);
        subject.commit(base, one, two);
        Expect.sameOnce("the heads while a batch lacks its end", cids(base), subject.heads());
        Event end = Make.put("end", two);
        Event aside = Make.delete("base", SOME_TREE, base);
        subject.commit(end, aside);
        Expect.sameOnce("the heads after the batch has its end", cids(end, aside), subject.heads());
    }

    @Rule(value = "R4.3", check = "the order of heads(): Cid.compareTo")
    default void headsAreInTextOrder() throws Exception {
        ReplicaSubject subject = kit().fresh();
        for (int i = 0; i < 12; i++) {
            subject.commit(Make.put("root" + i));
        }
        List<Cid> heads = subject.heads();
        Expect.equal(
                "the order of the heads by their text",
                heads.stream().map(Cid::toString).sorted().toList(),
                heads.stream().map(Cid::toString).toList());
    }
}
