package dev.livesync.tck;

import static dev.livesync.tck.Make.ALICE;
import static dev.livesync.tck.Make.BOB;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;

/** Rules of several sections, kept while several threads commit and read. */
interface ReplicaConcurrencyRules {
    private ReplicaFixture kit() {
        return ReplicaFixture.of(this);
    }

    private ConcurrentCommits commitAtOnce(ReplicaSubject subject) {
        return ConcurrentCommits.run(subject, kit().aside(), kit().awaitMillis());
    }

    @Rule(
            value = "R1.1",
            check =
                    "that a commit takes the state that it adds to under the same lock under which it publishes the new one")
    default void aCommitDuringACommitIsNotLost() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Replica replica = subject.replica();
        Aside aside = kit().aside();
        for (int at = 1; at <= 8; at++) {
            Event outer = Make.put("outer" + at);
            Commit other = new Commit(List.of(Make.raw("block" + at)), List.of(Make.put("inner" + at)), BOB);
            List<Future<CommitResult>> meanwhile = new ArrayList<>();
            int[] looks = {at};
            Event planted = new PlantedEvent(outer, () -> {
                if (--looks[0] == 0) {
                    meanwhile.add(aside.meanwhile(() -> replica.commit(other)));
                }
            });
            replica.commit(new Commit(List.of(), List.of(planted), ALICE));
            subject.oracle.commit(new Commit(List.of(), List.of(outer), ALICE));
            for (Future<CommitResult> each : meanwhile) {
                aside.await("commit() that began during another one", each);
                subject.oracle.commit(other);
            }
        }
        requireAll(subject, "after commits that began during others");
    }

    private static void requireAll(ReplicaSubject subject, String when) {
        Seen seen = subject.seen();
        ReplicaOracle oracle = subject.oracle;
        Expect.sameOnce(when + ": the complete events", oracle.complete(), seen.events());
        Expect.equal(when + ": the heads", oracle.heads(), seen.heads());
        Expect.sameOnce(when + ": the stored CIDs", oracle.blocks().keySet(), seen.stored());
        Expect.equal(when + ": the summary", oracle.summary(), seen.summary());
    }

    @Rule(value = "R1.1", check = "whatever commits share: maps, counters, indexes of waiting events")
    default void commitsAtTheSameTimeLoseNothing() throws Exception {
        ReplicaSubject subject = kit().fresh();
        commitAtOnce(subject);
        requireAll(subject, "after threads committed at the same time");
    }

    @Rule(value = "R2.7", check = "that what a commit completes is found under the lock of the commit", needs = "R1.1")
    default void ofCommitsAtTheSameTimeOneAcceptsAnEvent() throws Exception {
        ReplicaSubject subject = kit().fresh();
        ConcurrentCommits commits = commitAtOnce(subject);
        List<Cid> accepted = new ArrayList<>(subject.oracle.complete().subList(0, 1)); // the root came before
        commits.answers.forEach(answer -> accepted.addAll(answer.accepted()));
        Expect.sameOnce(
                "what all answers together accepted, of commits at the same time", subject.oracle.complete(), accepted);
    }

    @Rule(
            value = "R2.10",
            check =
                    "that heads and cursor of an answer are read from the state that this commit made, not from the latest",
            needs = "R1.1")
    default void anAnswersHeadsAndCursorAreOfOneMoment() throws Exception {
        ReplicaSubject subject = kit().fresh();
        ConcurrentCommits.requireOneState(subject, commitAtOnce(subject).answered());
    }

    @Rule(
            value = "R5.2",
            check = "that a snapshot takes one state, whose cursor is part of it, and not a cursor and then a state",
            needs = {"R1.1", "R6.1"})
    default void aSnapshotsCursorIsNotAheadOfIt() throws Exception {
        ReplicaSubject subject = kit().fresh();
        ConcurrentCommits.requireOneState(subject, commitAtOnce(subject).snapshots);
        List<ConcurrentCommits.Observation> observations = duringACommit(subject, Make.chain("during", 3), () -> {
            try (Snapshot s = subject.replica().snapshot()) {
                return new ConcurrentCommits.Observation("a snapshot taken during a commit", s.heads(), s.cursor());
            }
        });
        ConcurrentCommits.requireOneState(subject, observations);
    }

    @Rule(
            value = "R5.2",
            check = "that a snapshot takes one state, whose cursor is part of it; two reads of a field are two states",
            needs = {"R1.1", "R6.1"})
    @Tag("soak")
    default void aSnapshotsCursorIsNotAheadOfItIn60000Commits() throws Exception {
        Aside aside = kit().aside();
        for (int race = 0; race < 1_000; race++) {
            ReplicaSubject subject = kit().fresh();
            SnapshotRace.run(subject, aside);
            kit().end(subject);
        }
    }

    /** Looks in the middle of a commit. Where readers wait for it, which is another rule's matter, they look after it. */
    private <T> List<T> duringACommit(ReplicaSubject subject, List<Event> events, Callable<T> look) {
        Aside aside = kit().aside();
        List<Future<T>> looks = new ArrayList<>();
        List<Event> planted = new ArrayList<>();
        events.forEach(e -> planted.add(new PlantedEvent(e, () -> {
            if (looks.size() < 12) {
                looks.add(aside.meanwhile(look));
            }
        })));
        subject.replica().commit(new Commit(List.of(), planted, ALICE));
        subject.oracle.commit(new Commit(List.of(), events, ALICE));
        return looks.stream()
                .map(each -> aside.await("a look during a commit", each))
                .toList();
    }

    @Rule(
            value = "R6.1",
            check = "that the cursor of a page is the place after its last change, and that a place once told stays",
            needs = "R1.1")
    default void whoFollowsTheFeedMissesNothing() throws Exception {
        ReplicaSubject subject = kit().fresh();
        ConcurrentCommits commits = commitAtOnce(subject);
        Expect.sameOnce(
                "the events that a reader was told who followed the feed while others committed",
                subject.oracle.complete(),
                commits.followed);
        Expect.equal("what is wrong with their order", null, subject.oracle.disorder(commits.followed));
        Cursor at = subject.now();
        List<Event> chain = Make.chain("during", 3);
        List<Cid> all = Make.cids(chain);
        for (Changes page :
                duringACommit(subject, chain, () -> subject.replica().changes(at, 10))) {
            List<Cid> told = new ArrayList<>(ReplicaSubject.events(page.changes()));
            told.addAll(ReplicaSubject.events(subject.feed(page.next(), 10)));
            Expect.sameOnce("the events of a page that was read during a commit, and of those after it", all, told);
        }
    }
}
