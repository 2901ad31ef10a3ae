package dev.livesync.tck;

import static dev.livesync.tck.Make.ALICE;
import static dev.livesync.tck.Make.BOB;
import static dev.livesync.tck.Make.cids;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** Section 2: what a commit does and what it answers. */
interface ReplicaCommitRules {
    private ReplicaFixture kit() {
        return ReplicaFixture.of(this);
    }

    @Rule(
            value = "R2.1",
            check =
                    "that blocks and events are written in one transaction, and that readers see it only when that is over")
    default void aCommitIsSeenWholeOrNotAtAll() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event root = Make.put("root");
        subject.commit(root);
        Seen before = subject.seen();
        Cursor start = before.cursor();
        Block node = Make.raw("node");
        List<Event> chain = Make.chain("chain", 3, root);
        Aside aside = kit().aside();
        AtomicBoolean waits = new AtomicBoolean();
        Runnable look = () -> {
            // That readers wait is another rule's matter.
            if (!waits.get()) {
                try {
                    Seen during = aside.call("snapshot()", subject::seen);
                    before.requireSame("in the middle of a commit", during);
                    Expect.equal(
                            "the changes in the middle of a commit",
                            List.of(),
                            aside.call("changes()", () -> subject.replica().changes(start, 10))
                                    .changes());
                } catch (AssertionError e) {
                    if (!(e.getCause() instanceof java.util.concurrent.TimeoutException)) {
                        throw e;
                    }
                    waits.set(true);
                }
            }
        };
        List<Event> planted = new ArrayList<>();
        chain.forEach(e -> planted.add(new PlantedEvent(e, look)));
        subject.replica().commit(new Commit(List.of(node), planted, ALICE));
        try (Snapshot after = subject.replica().snapshot()) {
            Expect.equal("whether the block is there after the commit", node, after.block(node.cid()));
            Expect.equal("the heads after the commit", cids(chain.get(2)), after.heads());
        }
    }

    @Rule(value = "R2.2", check = "what is only written on close, or never")
    @Needs(StoreFeature.RESTART)
    default void whatWasCommittedIsThereAfterARestart() throws Exception {
        ReplicaSubject subject = kit().fresh();
        commitThisAndThat(subject);
        Seen before = subject.seen();
        subject.restart();
        before.requireSame("after closing and opening", subject.seen());
        requireContent(subject, "after closing and opening");
    }

    @Rule(
            value = "R2.3",
            check = "that commit() returns after the disk has it (an fsync, a synchronous transaction), not before",
            needs = "R2.2")
    @Needs(StoreFeature.CRASH)
    default void whatWasCommittedIsThereAfterACrash() throws Exception {
        ReplicaSubject subject = kit().fresh();
        commitThisAndThat(subject);
        Seen before = subject.seen();
        subject.crash();
        before.requireSame("after a crash", subject.seen());
        requireContent(subject, "after a crash");
        Event more = Make.put("more");
        Expect.equal(
                "what is accepted after a crash",
                cids(more),
                subject.commit(more).accepted());
    }

    private static void commitThisAndThat(ReplicaSubject subject) {
        Event root = Make.put("root");
        Event inner = Make.interior("inner", root);
        subject.commit(Make.raw("one"), Make.raw("two"));
        subject.commit(root);
        subject.commit(inner, Make.put("outer", inner));
        subject.commit(Make.put("waits", Make.put("absent")));
        subject.commit(Make.raw("last"));
    }

    private static void requireContent(ReplicaSubject subject, String when) {
        subject.look(s -> {
            subject.oracle.blocks().forEach((cid, block) -> Expect.equal(when + ": the block", block, s.block(cid)));
            subject.oracle
                    .complete()
                    .forEach(cid -> Expect.that(s.event(cid) != null, when + ": event " + cid + " is not complete"));
            return s;
        });
    }

    @Rule(
            value = "R2.4",
            check =
                    "that known events are left out before anything is written, and that pending ones are still answered as pending")
    default void aCommitTwiceIsACommitOnce() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Cursor start = subject.now();
        Event root = Make.put("root");
        Event inner = Make.interior("inner", root);
        Event waits = Make.put("waits", Make.put("absent"));
        Commit commit =
                new Commit(List.of(Make.raw("block")), List.of(root, inner, Make.put("outer", inner), waits), ALICE);
        CommitResult first = subject.commit(commit);
        Seen before = subject.seen();
        for (Commit again : List.of(commit, new Commit(commit.blocks(), commit.events(), BOB))) {
            CommitResult second = subject.commit(again);
            Expect.equal("accepted, of a commit that was there already", List.of(), second.accepted());
            Expect.equal("heads, of a commit that was there already", first.heads(), second.heads());
            Expect.sameOnce("pending, of a commit that was there already", cids(waits), second.pending());
            before.requireSame("after a commit that was there already", subject.seen());
            Expect.equal(
                    "the changes after the first commit",
                    List.of(),
                    subject.replica().changes(first.cursor(), 10).changes());
        }
        Expect.sameOnce(
                "the events of the whole feed",
                subject.oracle.complete(),
                ReplicaSubject.events(subject.feed(start, 10)));
    }

    @Rule(value = "R2.5", check = "whether parents are looked for among all events of the commit, and repeats dropped")
    default void theOrderOfEventsInACommitDoesNotMatterNorDoRepeats() throws Exception {
        List<Event> events = new ArrayList<>(Make.chain("a", 3));
        Event inner = Make.interior("inner", events.get(2));
        events.add(inner);
        events.add(Make.put("outer", inner));
        for (int i = 0; i < events.size(); i++) {
            List<Event> order = new ArrayList<>(events);
            Collections.reverse(order);
            Collections.rotate(order, i);
            order.addAll(List.copyOf(order.subList(0, 2)));
            ReplicaSubject subject = kit().fresh();
            Block block = Make.raw("block");
            CommitResult result = subject.commit(new Commit(List.of(block, block), order, ALICE));
            String of = "of a commit of a chain of five, backwards, rotated by " + i + ", two events twice";
            Expect.sameOnce("accepted, " + of, cids(events), result.accepted());
            Expect.sameOnce("the stored CIDs, " + of, subject.oracle.blocks().keySet(), subject.stored());
        }
    }

    @Rule(value = "R2.6", check = "whether the heads are read after the events were added")
    default void theAnswerHasTheHeadsAfterTheCommit() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event root = Make.put("root");
        Event left = Make.put("left", root);
        Event right = Make.put("right", root);
        for (Event event : List.of(root, right, left, Make.put("both", left, right))) {
            CommitResult result = subject.commit(event);
            Expect.equal("heads, of the commit of " + event, subject.oracle.heads(), result.heads());
        }
        Expect.equal(
                "heads, of an empty commit",
                subject.oracle.heads(),
                subject.commit(new Commit(List.of(), List.of(), ALICE)).heads());
    }

    @Rule(
            value = "R2.7",
            check = "the events that had been waiting for those of this commit, and the order in which they are found")
    default void theAnswerHasWhatBecameCompleteAncestorsFirst() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        Event c = Make.interior("c", b);
        Event d = Make.put("d", c);
        Expect.equal(
                "accepted, of events without their ancestors",
                List.of(),
                subject.commit(d, c).accepted());
        Expect.equal("accepted, of the first event", cids(a), subject.commit(a).accepted());
        CommitResult result = subject.commit(BOB, List.of(b));
        Expect.equal("accepted, of the event that others waited for", cids(b, c, d), result.accepted());
    }

    @Rule(
            value = "R2.8",
            check =
                    "interior events of this commit without the end of their batch, and events that wait for pending ones")
    default void theAnswerHasWhichOfTheCommitsEventsArePending() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event absent = Make.put("absent");
        Event other = Make.put("other", absent);
        subject.commit(other);
        Event fine = Make.put("fine");
        Event inner = Make.interior("inner", fine);
        Event waits = Make.put("waits", other);
        CommitResult result = subject.commit(fine, inner, waits);
        Expect.sameOnce("pending, of one event of three that is complete", cids(inner, waits), result.pending());
        result = subject.commit(Make.put("outer", inner));
        Expect.equal("pending, of a commit that is complete", List.of(), result.pending());
    }

    @Rule(value = "R2.9", check = "that the walk goes through pending parents and stops at absent ones")
    default void theAnswerHasTheAbsentAncestorsOfWhatIsPending() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event x = Make.put("x");
        Event y = Make.put("y");
        Event z = Make.put("z");
        Event onX = Make.put("onX", x);
        subject.commit(onX, Make.put("onZ", z));
        Event onBoth = Make.put("onBoth", onX, y);
        Expect.sameOnce(
                "missing, of an event whose parents are pending and absent",
                cids(x, y),
                subject.commit(onBoth).missing());
        Event fine = Make.put("fine");
        Expect.equal(
                "missing, of an interior event that only waits for the end of its batch",
                List.of(),
                subject.commit(fine, Make.interior("inner", fine)).missing());
        subject.commit(x);
        Expect.sameOnce(
                "missing, of the same event after one of its ancestors came",
                cids(y),
                subject.commit(onBoth).missing());
        Expect.equal(
                "missing, of a commit without pending events",
                List.of(),
                subject.commit(fine).missing());
    }

    @Rule(value = "R2.10", check = "whether the cursor is taken after the feed has grown")
    default void theAnswersCursorIsThePlaceAfterTheCommit() throws Exception {
        ReplicaSubject subject = kit().fresh();
        List<Cursor> after = new ArrayList<>();
        List<Event> chain = Make.chain("a", 4);
        for (Event event : chain) {
            after.add(subject.commit(event).cursor());
        }
        for (int i = 0; i < after.size(); i++) {
            List<Cid> rest = ReplicaSubject.events(subject.feed(after.get(i), 10));
            Expect.equal("the events after the cursor of commit " + i + " of 4", cids(chain.subList(i + 1, 4)), rest);
        }
    }

    @Rule(value = "R2.11", check = "whether \"is its block stored\" is asked where \"is it a known event\" is meant")
    default void anEventThatCameAsABlockCanStillComeAsAnEvent() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        subject.commit(a.block(), b.block());
        Expect.equal("the heads after events came as blocks", List.of(), subject.heads());
        CommitResult result = subject.commit(a, b);
        Expect.equal("accepted, of events whose blocks were there already", cids(a, b), result.accepted());
        Expect.sameOnce("the stored CIDs", cids(a, b), subject.stored());
    }

    @Rule(
            value = "R2.12",
            check = "assumptions about codecs and sizes, columns that are too small, empty values taken for null")
    default void blocksOfAnyKindAreStored() throws Exception {
        ReplicaSubject subject = kit().fresh();
        List<Block> blocks = List.of(
                Make.raw(""),
                Make.raw("text"),
                Block.of(Cid.DAG_CBOR, new byte[] {(byte) 0xa0}),
                Block.of(Cid.DAG_CBOR, new byte[] {1, 2, 3}),
                Block.of(Cid.RAW, new byte[100_000]));
        subject.commit(new Commit(blocks, List.of(), ALICE));
        subject.look(s -> {
            for (Block block : blocks) {
                Block stored = Expect.present("block " + block + " of a commit", s.block(block.cid()));
                Expect.equal("the content of block " + block, block.bytes(), stored.bytes());
            }
            return s;
        });
    }

    @Rule(
            value = "R2.13",
            check = "every early return and every loop that ends at the first event which is known, waits or is none",
            needs = {"R2.5", "R2.6", "R2.7", "R2.8", "R2.9", "R2.10", "R2.11"})
    default void aCommitMayHoldAnythingTogether() throws Exception {
        for (long seed : ReplicaFixture.seeds(3)) {
            RandomHistory history = new RandomHistory(new Random(seed), 30);
            ReplicaSubject subject = kit().fresh();
            List<Commit> commits = history.mixed(new Random(~seed));
            for (int i = 0; i < commits.size(); i++) {
                requireWhatItSays(
                        subject,
                        commits.get(i),
                        "commit " + (i + 1) + " of " + commits.size() + " (seed " + seed + ")");
            }
        }
    }

    /** Commits, and holds all of the answer and of the state after it against the oracle. */
    private static void requireWhatItSays(ReplicaSubject subject, Commit commit, String which) {
        ReplicaOracle oracle = subject.oracle;
        Set<Cid> stored = new HashSet<>(oracle.blocks().keySet());
        long known =
                commit.events().stream().filter(e -> stored.contains(e.cid())).count();
        String of = ", of " + which + ", of " + commit.blocks().size() + " blocks and "
                + commit.events().size() + " events, " + known + " of which were stored before";
        CommitResult result = subject.replica().commit(commit);
        List<Cid> fresh = oracle.commit(commit);
        Expect.equal("heads" + of, oracle.heads(), result.heads());
        Expect.sameOnce("accepted" + of, fresh, result.accepted());
        Expect.equal("what is wrong with the order of accepted" + of, null, oracle.disorder(result.accepted()));
        Set<Cid> pending = new HashSet<>(cids(commit.events()));
        pending.removeIf(oracle::isComplete);
        Expect.sameOnce("pending" + of, pending, result.pending());
        Expect.sameOnce("missing" + of, oracle.missing(pending), result.missing());
        Expect.equal(
                "the changes after the cursor" + of,
                List.of(),
                subject.replica().changes(result.cursor(), 10).changes());
        Seen seen = subject.seen();
        Expect.equal("the heads afterwards" + of, oracle.heads(), seen.heads());
        Expect.sameOnce("the complete events afterwards" + of, oracle.complete(), seen.events());
        Expect.sameOnce("the stored CIDs afterwards" + of, oracle.blocks().keySet(), seen.stored());
        Expect.equal("the summary afterwards" + of, oracle.summary(), seen.summary());
    }
}
