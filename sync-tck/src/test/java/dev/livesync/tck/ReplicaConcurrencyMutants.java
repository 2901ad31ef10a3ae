package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.tck.ReplicaFronts.Front;
import dev.livesync.tck.ReplicaFronts.FrontSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Broken only while several threads are at work. */
final class ReplicaConcurrencyMutants {
    private ReplicaConcurrencyMutants() {}

    /** Adds to the state that it found when it began, and has no lock. */
    static final class NoLockStore extends PlainStore {
        @Override
        PlainReplica make(PlainDisk disk) {
            return new PlainReplica(disk, QUOTA) {
                @Override
                public CommitResult commit(Commit commit) {
                    return add(commit, state());
                }
            };
        }
    }

    /** Looks twice where it should look once; what others commit in between makes the difference. */
    abstract static class LooksTwice extends Front {
        /** In rounds of about a millisecond. */
        private static final int LEAST_PATIENCE = 60;

        private final AtomicInteger patience = new AtomicInteger(1_000);
        private final AtomicInteger commits = new AtomicInteger();

        LooksTwice(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            commits.incrementAndGet();
            return result;
        }

        /**
         * On the threads that the kit has beside a test's own, waits for another commit. On a busy machine that takes as long as it takes; where none
         * comes, the next wait is shorter.
         */
        void betweenLooks() {
            if (!Thread.currentThread().getName().startsWith("replica-tck")) {
                return;
            }
            int before = commits.get();
            int most = patience.get();
            for (int i = 0; commits.get() == before; i++) {
                if (i == most) {
                    patience.compareAndSet(most, Math.max(LEAST_PATIENCE, most / 2));
                    return;
                }
                LockSupport.parkNanos(1_000_000);
            }
        }

        Cursor now() {
            try (Snapshot s = right.snapshot()) {
                return s.cursor();
            }
        }
    }

    /** Reads the heads of its answer after it has let go of its lock. */
    static final class LateHeads extends LooksTwice {
        LateHeads(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            betweenLooks();
            try (Snapshot s = right.snapshot()) {
                return new CommitResult(
                        s.heads(), result.accepted(), result.pending(), result.missing(), result.cursor());
            }
        }
    }

    /** Says that it accepted whatever is complete afterwards and was not before. */
    static final class AcceptsOthers extends LooksTwice {
        AcceptsOthers(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            Cursor before = now();
            betweenLooks();
            CommitResult result = super.commit(commit);
            List<Cid> accepted = ReplicaSubject.events(ReplicaSubject.feed(right, before, 100));
            return new CommitResult(result.heads(), accepted, result.pending(), result.missing(), result.cursor());
        }
    }

    /** Takes a snapshot and then asks where the feed is. */
    static final class CursorAhead extends LooksTwice {
        CursorAhead(Replica right) {
            super(right);
        }

        @Override
        public Snapshot snapshot() {
            Snapshot content = super.snapshot();
            betweenLooks();
            Cursor place = now();
            return new FrontSnapshot(content) {
                @Override
                public Cursor cursor() {
                    right.cursor();
                    return place;
                }
            };
        }
    }

    /** Keeps what it shows in a field, and reads that twice in a row. */
    static final class ReadsTwice extends Front {
        private record Shown(Snapshot content, Cursor place) {}

        private volatile Shown shown;

        ReadsTwice(Replica right) {
            super(right);
            shown = show();
        }

        private Shown show() {
            Snapshot content = right.snapshot();
            return new Shown(content, content.cursor());
        }

        @Override
        public synchronized CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            shown = show();
            return result;
        }

        @Override
        public Snapshot snapshot() {
            Snapshot content = shown.content;
            Cursor place = shown.place;
            return new FrontSnapshot(content) {
                @Override
                public Cursor cursor() {
                    return place;
                }

                @Override
                public void close() {
                    // others have it, too
                }
            };
        }
    }

    /** At the end of the feed, goes on from wherever the end is by then. */
    static final class GoesOnFromNow extends LooksTwice {
        GoesOnFromNow(Replica right) {
            super(right);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            Changes page = super.changes(after, maxEvents);
            if (!page.changes().isEmpty()) {
                return page;
            }
            betweenLooks();
            return new Changes(List.of(), now());
        }
    }

    /** Stops at the first event that it has already. */
    static final class StopsAtKnown extends ReplicaCommitMutants.Filter {
        StopsAtKnown(Replica right) {
            super(right);
        }

        @Override
        Commit filter(Commit commit) {
            List<Event> fresh = new ArrayList<>();
            try (Snapshot s = right.snapshot()) {
                for (Event event : commit.events()) {
                    if (s.event(event.cid()) != null) {
                        break;
                    }
                    fresh.add(event);
                }
            }
            return new Commit(commit.blocks(), fresh, commit.origin());
        }
    }

    /** Has nothing to say of a commit without events. */
    static final class NoAnswerToBlocks extends Front {
        NoAnswerToBlocks(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            return commit.events().isEmpty() && !commit.blocks().isEmpty()
                    ? new CommitResult(List.of(), List.of(), List.of(), List.of(), result.cursor())
                    : result;
        }
    }
}
