package dev.livesync.tck;

import static dev.livesync.tck.Make.ALICE;
import static dev.livesync.tck.Make.BOB;
import static dev.livesync.tck.Make.cids;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Section 6: the feed of changes. */
interface ReplicaFeedRules {
    private ReplicaFixture kit() {
        return ReplicaFixture.of(this);
    }

    @Rule(
            value = "R6.1",
            check =
                    "how places in the feed are numbered: a number must be given under the lock under which it becomes visible",
            needs = "R5.2")
    default void theFeedHasNoGapAndNoRepeat() throws Exception {
        for (long seed : ReplicaFixture.seeds(3)) {
            RandomHistory history = new RandomHistory(new Random(seed), 30);
            ReplicaSubject subject = kit().fresh();
            List<Cursor> places = new ArrayList<>(List.of(subject.now()));
            List<Integer> before = new ArrayList<>(List.of(0));
            for (Commit commit : history.shuffled(new Random(~seed))) {
                subject.commit(commit);
                places.add(subject.now());
                before.add(subject.oracle.complete().size());
            }
            List<Cid> all = subject.oracle.complete();
            for (int page : new int[] {1, 2, 3, 1_000}) {
                for (int i = 0; i < places.size(); i += page == 1 ? 7 : 1) {
                    Expect.sameOnce(
                            "the feed in pages of " + page + " after a cursor with " + before.get(i)
                                    + " events before it (seed " + seed + ")",
                            all.subList(before.get(i), all.size()),
                            ReplicaSubject.events(subject.feed(places.get(i), page)));
                }
            }
        }
    }

    @Rule(value = "R6.2", check = "the order in which events that became complete together are written to the feed")
    default void theFeedIsInCausalOrderAndKeepsBatchesTogether() throws Exception {
        for (long seed : ReplicaFixture.seeds(3)) {
            RandomHistory history = new RandomHistory(new Random(seed), 30);
            ReplicaSubject subject = kit().fresh();
            Cursor start = subject.now();
            for (Commit commit : history.shuffled(new Random(~seed))) {
                subject.commit(commit);
            }
            for (int page : new int[] {1, 4, 1_000}) {
                List<Cid> order = ReplicaSubject.events(subject.feed(start, page));
                order = order.stream()
                        .filter(subject.oracle::isComplete)
                        .distinct()
                        .toList();
                Expect.equal(
                        "what is wrong with the order of the feed (seed " + seed + ")",
                        null,
                        subject.oracle.disorder(order));
            }
        }
    }

    @Rule(
            value = "R6.3",
            check = "where a page ends: only after an event that closes a batch",
            needs = {"R6.1", "R6.2"})
    default void aPageNeverSplitsABatchAndElseKeepsToItsSize() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Cursor start = subject.now();
        List<Event> chain = new ArrayList<>(Make.chain("a", 5));
        Event one = Make.interior("one", chain.get(4));
        Event two = Make.interior("two", one);
        Event three = Make.put("three", two);
        chain.addAll(List.of(one, two, three));
        chain.addAll(Make.chain("b", 4, three));
        subject.commit(ALICE, chain);
        for (int size = 1; size <= chain.size(); size++) {
            Cursor at = start;
            List<Cid> told = new ArrayList<>();
            for (int pages = 0; told.size() < chain.size() && pages <= chain.size(); pages++) {
                Changes changes = subject.replica().changes(at, size);
                List<Cid> page = ReplicaSubject.events(changes.changes());
                String of = "a page of up to " + size + " events after " + told.size() + " of " + chain.size();
                Expect.that(!page.isEmpty(), of + " is empty");
                Cid last = page.get(page.size() - 1);
                Expect.that(!subject.oracle.isInterior(last), of + " ends inside a batch, with event " + last);
                int longest = told.size() <= 5 && told.size() + size > 5 ? Math.max(size, size + 2) : size;
                Expect.that(page.size() <= longest, of + " has " + page.size());
                told.addAll(page);
                at = changes.next();
            }
        }
    }

    @Rule(value = "R6.4", check = "the cursor of an empty page: the one that was asked with will do")
    default void atItsEndTheFeedIsEmptyAndItsCursorGoesOn() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        subject.commit(a);
        Cursor at = subject.now();
        for (int i = 0; i < 3; i++) {
            Changes none = subject.replica().changes(at, 5);
            Expect.equal("the changes at the end of the feed", List.of(), none.changes());
            at = none.next();
        }
        subject.commit(Make.put("waits", Make.put("absent")));
        Expect.equal(
                "the changes after a commit that completed nothing",
                List.of(),
                subject.replica().changes(at, 5).changes());
        Event b = Make.put("b", a);
        subject.commit(b);
        Expect.equal(
                "the events after the cursor that an empty page had given",
                cids(b),
                ReplicaSubject.events(subject.feed(at, 5)));
    }

    @Rule(
            value = "R6.5",
            check =
                    "that the origin is kept with the event when it arrives, not taken from the commit that completes it")
    default void aChangeNamesNobodyButWhoBroughtItsEvents() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Cursor start = subject.now();
        Map<Cid, Origin> brought = new HashMap<>();
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        Event inner = Make.interior("inner", b);
        Event outer = Make.put("outer", inner);
        List.of(b, inner).forEach(e -> brought.put(e.cid(), ALICE));
        List.of(a, outer).forEach(e -> brought.put(e.cid(), BOB));
        subject.commit(ALICE, List.of(b));
        subject.commit(BOB, List.of(a)); // completes what Alice brought
        subject.commit(ALICE, List.of(inner));
        subject.commit(BOB, List.of(outer)); // half of the batch is Alice's
        for (Change change : subject.feed(start, 10)) {
            for (Cid event : change.events()) {
                Origin by = brought.get(event);
                Expect.that(
                        change.origin().equals(Origin.LOCAL) || change.origin().equals(by),
                        "a change names " + change.origin() + " for event " + event + ", which came from " + by);
            }
        }
    }

    @Rule(value = "R6.6", check = "that the origin is kept with the event when it arrives", needs = "R6.5")
    default void aChangeNamesWhoBroughtItsEvents() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Cursor start = subject.now();
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        subject.commit(BOB, List.of(b));
        subject.commit(ALICE, List.of(a));
        Map<Cid, Origin> named = new HashMap<>();
        subject.feed(start, 10).forEach(c -> c.events().forEach(e -> named.put(e, c.origin())));
        Expect.equal("the origin of what Alice brought", ALICE, named.get(a.cid()));
        Expect.equal("the origin of what Bob brought and Alice completed", BOB, named.get(b.cid()));
    }

    @Rule(value = "R6.7", check = "what is put into Change.nodes(); an empty list is always right")
    default void theNodesOfAChangeAreStored() throws Exception {
        long seed = ReplicaFixture.seeds(1)[0];
        RandomHistory history = new RandomHistory(new Random(seed), 25);
        ReplicaSubject subject = kit().fresh();
        Cursor start = subject.now();
        subject.commit(history.whole());
        for (Change change : subject.feed(start, 10)) {
            List<Cid> missing = subject.look(s -> s.missing(change.nodes()));
            Expect.equal("the absent ones of the nodes that a change names (seed " + seed + ")", List.of(), missing);
            for (Cid node : change.nodes()) {
                Block block = subject.look(s -> s.block(node));
                Expect.that(
                        block != null && dev.livesync.car.TreeNodes.looksLikeNode(block),
                        "what a change names as a tree node is none: " + block);
            }
        }
    }

    @Rule(
            value = "R6.8",
            check = "what cursors are made of: numbers that are written, an identity that is written",
            needs = "R2.2")
    @Needs(StoreFeature.RESTART)
    default void theFeedIsTheSameAfterARestart() throws Exception {
        ReplicaSubject subject = kit().fresh();
        List<Cursor> places = new ArrayList<>(List.of(subject.now()));
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        Event inner = Make.interior("inner", b);
        for (Event event : List.of(b, a, inner, Make.put("outer", inner), Make.put("aside"))) {
            subject.commit(event);
            places.add(subject.now());
        }
        List<List<Cid>> before = new ArrayList<>();
        for (Cursor place : places) {
            before.add(ReplicaSubject.events(subject.feed(place, 2)));
        }
        subject.restart();
        for (int i = 0; i < places.size(); i++) {
            Expect.equal(
                    "the events after a cursor from before a restart",
                    before.get(i),
                    ReplicaSubject.events(subject.feed(places.get(i), 2)));
        }
    }

    @Rule(value = "R6.9", check = "that a cursor carries the identity of its store, and how its text is parsed")
    default void aCursorOfSomebodyElseIsRefused() throws Exception {
        ReplicaSubject subject = kit().fresh();
        ReplicaSubject other = kit().fresh();
        for (Event event : Make.chain("a", 3)) {
            subject.commit(event);
            other.commit(event);
        }
        List<Cursor> wrong = new ArrayList<>(
                List.of(other.now(), new Cursor("?"), new Cursor("0"), new Cursor("-1"), new Cursor("~".repeat(200))));
        String token = subject.now().token();
        wrong.add(new Cursor(token + "99999999999".substring(0, Math.min(11, 200 - token.length()))));
        for (Cursor cursor : wrong) {
            Expect.failure(
                    ErrorKind.INVALID_ARGUMENT,
                    "changes() after " + cursor + ", which is none of this replica's",
                    () -> subject.replica().changes(cursor, 1));
        }
        Expect.failure(
                ErrorKind.INVALID_ARGUMENT,
                "changes() of no more than 0 events",
                () -> subject.replica().changes(subject.now(), 0));
    }

    @Rule(value = "R6.10", check = "that the beginning of the feed is known, and compared with the cursor")
    @Needs(StoreFeature.EXPIRING_CURSORS)
    default void aCursorThatIsTooOldSaysSo() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Cursor start = subject.now();
        Event a = Make.put("a");
        subject.commit(a);
        subject.store().expireCursors();
        Expect.failure(
                ErrorKind.CURSOR_EXPIRED,
                "changes() after a cursor that has expired",
                () -> subject.replica().changes(start, 1));
        Cursor now = subject.now();
        Event b = Make.put("b", a);
        subject.commit(b);
        Expect.equal("the events after a new cursor", cids(b), ReplicaSubject.events(subject.feed(now, 1)));
    }
}
