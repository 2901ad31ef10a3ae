package dev.livesync.tck;

import static dev.livesync.tck.ReplicaSnapshotMutants.with;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.tck.ReplicaFeedMutants.WakesAfterSome;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BiPredicate;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Broken replicas, at least one for each MUST; each says which rule has to catch it, and what may fail with it. */
final class ReplicaMutants {
    private ReplicaMutants() {}

    private static Mutant<ReplicaStore> of(
            String rule, String what, UnaryOperator<Replica> front, String... collateral) {
        return store(rule, what, () -> ReplicaFronts.behind(DatabaseStore.inMemory(), front), collateral);
    }

    private static Mutant<ReplicaStore> plain(
            String rule, String what, Function<PlainStore, UnaryOperator<Replica>> front, String... collateral) {
        return store(
                rule,
                what,
                () -> {
                    PlainStore store = new PlainStore();
                    return ReplicaFronts.behind(store, front.apply(store));
                },
                collateral);
    }

    private static Mutant<ReplicaStore> store(
            String rule, String what, Supplier<ReplicaStore> store, String... collateral) {
        return Mutant.of(rule, what, store, collateral);
    }

    private static Mutant<ReplicaStore> answer(
            String rule, String what, BinaryOperator<CommitResult> wrong, String... collateral) {
        return of(rule, what, r -> new ReplicaCommitMutants.Answers(r, wrong), collateral);
    }

    private static Mutant<ReplicaStore> counting(String what, ReplicaCommitMutants.Miscount miscount) {
        return store("R3.14", what, () -> new ReplicaCommitMutants.CountingStore(miscount));
    }

    private static Mutant<ReplicaStore> wakes(
            String rule, String what, Supplier<Executor> waker, BiPredicate<Snapshot, Commit> which) {
        // What runs in a queue runs after close(), too.
        return of(rule, what, r -> new WakesAfterSome(r, waker.get(), which), "R7.3");
    }

    private static Mutant<ReplicaStore> snapshot(
            String rule, String what, UnaryOperator<Snapshot> wrong, String... collateral) {
        return of(rule, what, r -> with(r, wrong), collateral);
    }

    static List<Mutant<ReplicaStore>> all() {
        return List.of(
                of("R1.1", "trips over two commits at once", ReplicaCallMutants.OneWriterOnly::new),
                of("R1.2", "has one lock for readers and writers", ReplicaCallMutants.OneLock::new),
                of("R1.3", "leaves the blocks of a commit that broke off", ReplicaCallMutants.LeavesBlocks::new),
                plain("R1.3", "hides that the disk is full", s -> ReplicaCallMutants.HidesFullDisk::new),
                of("R1.4", "lets out exceptions of others", ReplicaCallMutants.PlainExceptions::new, "R6.9"),
                of("R1.5", "takes subscriptions after its end", ReplicaCallMutants.ClosedInSilence::new),
                of("R1.6", "is another one each time", ReplicaCallMutants.NeverTheSame::new),
                of("R2.1", "commits blocks first, then events", ReplicaCommitMutants.TwoSteps::new, "R3.8"),
                store(
                        "R2.2",
                        "forgets the latest commit when closed",
                        () -> new ReplicaCommitMutants.LazyStore(true),
                        "R2.3",
                        "R3.7",
                        "R6.8"),
                store("R2.3", "forgets the latest commit in a crash", () -> new ReplicaCommitMutants.LazyStore(false)),
                of("R2.4", "accepts the same events again", ReplicaCommitMutants.AcceptsTwice::new, "R2.7", "R2.13"),
                of(
                        "R2.5",
                        "wants parents first",
                        ReplicaCommitMutants.WantsParentsFirst::new,
                        "R2.7",
                        "R3.6",
                        "R3.12",
                        "R5.2",
                        "R6.1",
                        "R7.1"),
                answer(
                        "R2.6",
                        "answers with the heads before",
                        (before, now) -> new CommitResult(
                                before.heads(), now.accepted(), now.pending(), now.missing(), now.cursor()),
                        "R2.4",
                        "R2.10"),
                of("R2.7", "answers only with what it brought itself", ReplicaCommitMutants.AcceptsItsOwnOnly::new),
                answer(
                        "R2.8",
                        "answers that nothing is pending",
                        (before, now) ->
                                new CommitResult(now.heads(), now.accepted(), List.of(), now.missing(), now.cursor()),
                        "R2.4",
                        "R3.9",
                        "R3.14"),
                of("R2.9", "misses what is there", ReplicaCommitMutants.MissesItsParents::new),
                answer(
                        "R2.10",
                        "answers with the cursor before",
                        (before, now) -> new CommitResult(
                                now.heads(), now.accepted(), now.pending(), now.missing(), before.cursor()),
                        "R1.3",
                        "R2.4"),
                of(
                        "R2.11",
                        "takes a stored block for a known event",
                        ReplicaCommitMutants.StoredIsDone::new,
                        "R2.4",
                        "R2.9",
                        "R3.14",
                        "R7.1"),
                of("R2.12", "stores nodes only", ReplicaCommitMutants.NodesOnly::new),
                of(
                        "R3.1",
                        "completes what waited one commit late",
                        ReplicaSnapshotMutants.CompletesLate::new,
                        "R3.4",
                        "R3.5",
                        "R3.6",
                        "R3.14"),
                snapshot(
                        "R3.2",
                        "shows pending events",
                        s -> ReplicaSnapshotMutants.showsToo(s, e -> e.root() != null),
                        "R3.1",
                        "R5.1"),
                snapshot("R3.2", "calls complete what waits", ReplicaSnapshotMutants::completeAtOnce),
                snapshot(
                        "R3.3",
                        "hides the blocks of pending events",
                        ReplicaSnapshotMutants::forgetsPending,
                        "R5.4",
                        "R5.1"),
                snapshot(
                        "R3.4",
                        "shows half a batch",
                        s -> ReplicaSnapshotMutants.showsToo(
                                s,
                                e -> e.type() == Event.Type.PUT
                                        && e.root() == null
                                        && ReplicaSnapshotMutants.hasItsParents(s, e))),
                snapshot(
                        "R3.5",
                        "ends a batch with any delete",
                        s -> ReplicaSnapshotMutants.showsToo(
                                s, e -> e.type() == Event.Type.DELETE && ReplicaSnapshotMutants.hasItsParents(s, e))),
                snapshot(
                        "R3.5",
                        "never ends a batch with a delete without a tree",
                        s -> ReplicaSnapshotMutants.hides(
                                s,
                                e -> e.type() == Event.Type.DELETE
                                        && e.root() == null
                                        && s.heads().contains(e.cid())),
                        "R3.6"),
                of("R3.6", "judges on arrival only", ReplicaSnapshotMutants.JudgesOnArrival::new),
                store("R3.7", "keeps pending events in memory only", ReplicaFeedMutants.PendingInMemoryStore::new),
                plain("R3.8", "takes any commit apart to get it in", s -> ReplicaCommitMutants.NoQuota::new, "R3.14"),
                of("R3.9", "goes on naming what it gave up", ReplicaSnapshotMutants.RemembersEvicted::new),
                of("R3.10", "has one quota for all peers", ReplicaCommitMutants.OneQuota::new, "R3.14", "R6.5", "R6.6"),
                of("R3.11", "never takes again what it gave up", ReplicaCommitMutants.NoSecondChance::new),
                of("R3.12", "counts complete events as well", ReplicaCommitMutants.QuotaForAll::new, "R3.14"),
                snapshot("R4.1", "keeps a head that a merge names", ReplicaSnapshotMutants::mergeKeepsAHead, "R2.13"),
                snapshot("R4.2", "has an interior head", ReplicaSnapshotMutants::interiorHead, "R2.13", "R4.1"),
                snapshot(
                        "R4.3",
                        "has its heads backwards",
                        s -> ReplicaSnapshotMutants.heads(s, ReplicaSnapshotMutants::reversed),
                        "R1.1",
                        "R2.13",
                        "R4.1"),
                of("R5.1", "looks at the present", ReplicaSnapshotMutants.Moving::new, "R5.2"),
                of("R5.2", "stands one commit before what it shows", ReplicaSnapshotMutants.CursorLags::new, "R6.1"),
                snapshot("R5.3", "changes keys", ReplicaSnapshotMutants::changesKeys),
                snapshot(
                        "R5.4", "is never at a loss for a block", ReplicaSnapshotMutants::neverAtALoss, "R3.9", "R5.1"),
                snapshot("R5.5", "repeats itself", ReplicaSnapshotMutants::repeatsMissing),
                snapshot("R5.6", "sorts its CIDs", ReplicaSnapshotMutants::storedSorted),
                snapshot("R5.7", "has the tree before a merge", ReplicaSnapshotMutants::staleTree),
                snapshot("R5.8", "trusts every tree", ReplicaSnapshotMutants::trustsTrees),
                store("R5.8", "asks branches nothing", ReplicaSnapshotMutants.FollowsBranchesStore::new),
                snapshot("R5.9", "has an empty tree for strangers", ReplicaSnapshotMutants::emptyTrees, "R1.4"),
                snapshot("R5.10", "calls all nodes new", ReplicaSnapshotMutants::allNodesAreNew),
                snapshot("R5.11", "tells children first", ReplicaSnapshotMutants::childrenFirst),
                snapshot("R5.11", "wants to know the whole frontier", ReplicaSnapshotMutants::wantsAKnownFrontier),
                snapshot("R5.12", "is its own ancestor", ReplicaSnapshotMutants::ownAncestor),
                snapshot("R5.13", "counts deleted documents", ReplicaSnapshotMutants::countsDeleted, "R2.13"),
                snapshot("R5.14", "tells its place after its end", ReplicaSnapshotMutants::undead),
                plain("R5.15", "hands out what it finds", s -> r -> new ReplicaSnapshotMutants.NoHashing(r, s)),
                snapshot("R5.16", "takes an author's tree for canonical", ReplicaSnapshotMutants::takesAuthorsTrees),
                snapshot("R5.16", "reads the last event of a clock", ReplicaSnapshotMutants::readsTheLast),
                snapshot("R5.16", "passes over strangers", ReplicaSnapshotMutants::passesOverStrangers),
                snapshot("R5.17", "takes any common ancestor", ReplicaSnapshotMutants::anyCommonAncestor),
                of("R6.1", "has a gap", ReplicaFeedMutants.Gap::new, "R2.10", "R5.2"),
                of("R6.1", "repeats a change", ReplicaFeedMutants.Repeat::new, "R5.2", "R6.3", "R2.10", "R7.1"),
                of(
                        "R6.2",
                        "tells children first",
                        r -> ReplicaFeedMutants.changes(r, ReplicaFeedMutants::reversed),
                        "R6.3",
                        "R6.1"),
                of("R6.3", "splits a batch", ReplicaFeedMutants.SplitsBatches::new),
                of("R6.3", "knows no pages", ReplicaFeedMutants.NoPages::new),
                of("R6.4", "starts over at its end", ReplicaFeedMutants.StartsOver::new, "R7.1", "R6.1"),
                of("R6.5", "names who completed an event", ReplicaFeedMutants.NamesTheReleaser::new, "R6.6"),
                of(
                        "R6.6",
                        "names nobody",
                        r -> ReplicaFeedMutants.changes(r, c -> new Change(c.events(), c.nodes(), Origin.LOCAL))),
                of(
                        "R6.7",
                        "names nodes that nobody has",
                        r -> ReplicaFeedMutants.changes(
                                r, c -> new Change(c.events(), List.of(Make.absent("node")), c.origin()))),
                store("R6.8", "has a new name after each start", ReplicaFeedMutants.NewNameStore::new),
                of("R6.9", "takes any cursor", r -> new ReplicaFeedMutants.AnyCursor(r, ErrorKind.INVALID_ARGUMENT)),
                plain(
                        "R6.10",
                        "skips what it lost",
                        s -> r -> new ReplicaFeedMutants.AnyCursor(r, ErrorKind.CURSOR_EXPIRED)),
                of("R7.1", "wakes once", ReplicaFeedMutants.WakesOnce::new, "R7.3"),
                of("R7.2", "wakes inside the commit", ReplicaFeedMutants.WakesInCommit::new, "R7.1"),
                of("R7.3", "wakes those who left", ReplicaFeedMutants.NoUnsubscribing::new),
                store("R1.1", "loses what is committed meanwhile", ReplicaConcurrencyMutants.NoLockStore::new),
                of("R2.7", "accepts what others commit", ReplicaConcurrencyMutants.AcceptsOthers::new),
                of("R2.10", "has the heads of a moment later", ReplicaConcurrencyMutants.LateHeads::new),
                of("R5.2", "has a cursor ahead of its snapshot", ReplicaConcurrencyMutants.CursorAhead::new),
                of("R6.1", "goes on from the present", ReplicaConcurrencyMutants.GoesOnFromNow::new),
                of(
                        "R2.13",
                        "stops at an event that it has",
                        ReplicaConcurrencyMutants.StopsAtKnown::new,
                        "R1.1",
                        "R2.4",
                        "R2.7",
                        "R2.10",
                        "R5.2",
                        "R5.13",
                        "R6.1",
                        "R7.1"),
                of("R2.13", "has no heads for blocks", ReplicaConcurrencyMutants.NoAnswerToBlocks::new),
                of("R2.13", "leaves out blocks beside pending events", ReplicaCommitMutants.PendingOnly::new, "R1.1"),
                of("R3.9", "has a quota for each session", ReplicaCommitMutants.SessionQuota::new, "R6.5", "R6.6"),
                store("R3.9", "forgets whose pending events are", ReplicaCommitMutants.NobodysStore::new),
                counting("counts again what is sent again", ReplicaCommitMutants.CountingStore::resent),
                counting("counts on what is complete", ReplicaCommitMutants.CountingStore::completed),
                counting("counts what it refused", ReplicaCommitMutants.CountingStore::refused),
                of("R5.1", "gives up in its snapshots, too", ReplicaSnapshotMutants.GivesUpEverywhere::new),
                of("R5.1", "iterates over the present", ReplicaSnapshotMutants.LiveIterator::new),
                snapshot("R5.11", "believes what waits", ReplicaSnapshotMutants::believesPending),
                snapshot("R5.7", "tells canonical trees only", ReplicaSnapshotMutants::canonicalOnly),
                snapshot("R5.16", "has nodes of any size", ReplicaSnapshotMutants::unlimitedNodes),
                wakes("R7.1", "wakes if it writes", WakesAfterSome::queue, WakesAfterSome::writes),
                wakes("R7.1", "wakes if all is new", WakesAfterSome::queue, WakesAfterSome::isAllNew),
                wakes(
                        "R7.1",
                        "wakes for peers",
                        WakesAfterSome::queue,
                        (s, c) -> !c.origin().equals(Origin.LOCAL)),
                wakes("R7.1", "drops wake-ups while one runs", WakesAfterSome::busy, (s, c) -> true),
                wakes("R7.3", "wakes from its queue who left", WakesAfterSome::queue, (s, c) -> true));
    }
}
