package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writers who commit at the same time, round after round, while one thread takes snapshots and another follows the feed. What they saw
 * is kept, to be compared when it is over.
 */
final class ConcurrentCommits {
    private static final int WRITERS = 4;
    private static final int ROUNDS = 18;

    /** Heads and cursor as one snapshot or one answer gave them. */
    record Observation(String who, List<Cid> heads, Cursor cursor) {}

    final List<CommitResult> answers;
    final List<Observation> snapshots;
    /** Each event as often as the follower was told of it. */
    final List<Cid> followed;

    private ConcurrentCommits(List<CommitResult> answers, List<Observation> snapshots, List<Cid> followed) {
        this.answers = answers;
        this.snapshots = snapshots;
        this.followed = followed;
    }

    /** Runs them on a fresh replica. The oracle has all their commits afterwards. */
    static ConcurrentCommits run(ReplicaSubject subject, Aside aside, long patienceMillis) {
        Replica replica = subject.replica();
        Cursor start = subject.now();
        Event root = Make.put("root");
        subject.commit(root);
        List<List<Commit>> plans = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            plans.add(plan(w, root));
        }
        CyclicBarrier together = new CyclicBarrier(WRITERS);
        ConcurrentLinkedQueue<CommitResult> answers = new ConcurrentLinkedQueue<>();
        List<Future<Boolean>> writers = new ArrayList<>();
        for (List<Commit> plan : plans) {
            writers.add(aside.start(() -> {
                for (Commit commit : plan) {
                    together.await(patienceMillis, TimeUnit.MILLISECONDS);
                    answers.add(replica.commit(commit));
                }
                return true;
            }));
        }
        AtomicBoolean over = new AtomicBoolean();
        Future<List<Observation>> watcher = aside.start(() -> watch(replica, over));
        Future<List<Cid>> follower = aside.start(() -> follow(replica, start, over));
        for (Future<Boolean> writer : writers) {
            aside.await("one of " + WRITERS + " threads that commit at the same time", writer);
        }
        over.set(true);
        plans.forEach(plan -> plan.forEach(subject.oracle::commit));
        return new ConcurrentCommits(
                List.copyOf(answers),
                aside.await("a thread that takes snapshots while others commit", watcher),
                aside.await("a thread that follows the feed while others commit", follower));
    }

    /** Chains, some of whose events come before their parents, with blocks and repeats. */
    private static List<Commit> plan(int writer, Event root) {
        String name = "writer" + writer + "-";
        Origin origin = new Origin("session-" + name, name);
        List<Event> chain = Make.chain(name, ROUNDS, root);
        List<Commit> plan = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            // 1, 0, 2, 4, 3, 5: every third waits for the one after it
            int at = i % 3 == 0 ? i + 1 : i % 3 == 1 ? i - 1 : i;
            List<Event> events = i % 3 == 2 ? List.of(chain.get(i - 1), chain.get(at)) : List.of(chain.get(at));
            plan.add(new Commit(List.of(Make.raw(name + i)), events, origin));
        }
        return plan;
    }

    /**
     * Takes snapshots as fast as it can, and keeps of each place in the feed the first and the last one: the ones that a commit came
     * close to. What they say is asked only afterwards, because the time between two snapshots is all that can hide a fault.
     */
    private static List<Observation> watch(Replica replica, AtomicBoolean over) {
        List<Snapshot> first = new ArrayList<>();
        List<Snapshot> last = new ArrayList<>();
        for (boolean end = false; !end; ) {
            end = over.get();
            Snapshot s = replica.snapshot();
            int places = first.size();
            if (places == 0 || !s.cursor().equals(first.get(places - 1).cursor())) {
                first.add(s);
            } else if (last.isEmpty() || !last.get(last.size() - 1).cursor().equals(s.cursor())) {
                last.add(s);
            } else {
                last.set(last.size() - 1, s).close();
            }
        }
        List<Observation> observations = new ArrayList<>();
        first.addAll(last);
        for (Snapshot s : first) {
            observations.add(new Observation("a snapshot", s.heads(), s.cursor()));
            s.close();
        }
        return observations.stream().distinct().toList();
    }

    private static List<Cid> follow(Replica replica, Cursor start, AtomicBoolean over) {
        List<Cid> told = new ArrayList<>();
        Cursor at = start;
        while (true) {
            boolean last = over.get();
            Changes page = replica.changes(at, 3);
            for (Change change : page.changes()) {
                told.addAll(change.events());
            }
            at = page.next();
            if (last && page.changes().isEmpty()) {
                return told;
            }
        }
    }

    /** The observations of the answers. */
    List<Observation> answered() {
        return answers.stream()
                .map(a -> new Observation("an answer", a.heads(), a.cursor()))
                .distinct()
                .toList();
    }

    /** That heads and cursor are of the same moment: what comes after the cursor is what the heads lack. */
    static void requireOneState(ReplicaSubject subject, List<Observation> observations) {
        for (Observation seen : observations) {
            Set<Cid> lacks = new TreeSet<>(subject.oracle.since(seen.heads()));
            Expect.sameOnce(
                    "the events after the cursor of " + seen.who() + " with the heads " + seen.heads()
                            + ", while others committed",
                    lacks,
                    ReplicaSubject.events(subject.feed(seen.cursor(), 10)));
        }
    }
}
