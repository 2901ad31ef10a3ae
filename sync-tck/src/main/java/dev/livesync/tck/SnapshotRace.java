package dev.livesync.tck;

import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One thread commits event by event while another takes snapshots as fast as it can: for what goes wrong only if a commit comes between
 * two neighbouring instructions. That is a matter of chance. Where two reads of a field follow each other, about one commit in five
 * thousand comes between them.
 */
final class SnapshotRace {
    /** On one store: many replicas get slower as they grow. */
    private static final int COMMITS = 60;

    private static final int BURST = 256;

    private SnapshotRace() {}

    /** Runs one on a fresh replica, and holds what the snapshots said against the feed. */
    static void run(ReplicaSubject subject, Aside aside) {
        List<Event> chain = Make.chain("race", COMMITS);
        AtomicBoolean over = new AtomicBoolean();
        Future<Set<ConcurrentCommits.Observation>> watcher = aside.start(() -> watch(subject.replica(), over));
        try {
            for (Event event : chain) {
                subject.replica().commit(new Commit(List.of(), List.of(event), Make.ALICE));
            }
        } finally {
            over.set(true);
        }
        subject.oracle.commit(new Commit(List.of(), chain, Make.ALICE));
        ConcurrentCommits.requireOneState(
                subject, List.copyOf(aside.await("a thread that takes snapshots while another commits", watcher)));
    }

    /** Asks of a burst of snapshots only those next to which the feed has moved on. */
    private static Set<ConcurrentCommits.Observation> watch(Replica replica, AtomicBoolean over) {
        Set<ConcurrentCommits.Observation> seen = new LinkedHashSet<>();
        List<Snapshot> burst = new ArrayList<>(BURST);
        while (!over.get()) {
            for (int i = 0; i < BURST; i++) {
                burst.add(replica.snapshot());
            }
            observe(burst, 0, BURST - 1, seen);
            burst.forEach(Snapshot::close);
            burst.clear();
        }
        return seen;
    }

    private static void observe(List<Snapshot> burst, int from, int to, Set<ConcurrentCommits.Observation> seen) {
        if (burst.get(from).cursor().equals(burst.get(to).cursor())) {
            return;
        }
        if (to == from + 1) {
            for (Snapshot s : burst.subList(from, to + 1)) {
                seen.add(new ConcurrentCommits.Observation("a snapshot", s.heads(), s.cursor()));
            }
        } else {
            int middle = (from + to) >>> 1;
            observe(burst, from, middle, seen);
            observe(burst, middle, to, seen);
        }
    }
}
