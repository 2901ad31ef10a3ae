package dev.livesync.tck;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.tck.ReplicaFronts.Front;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Broken threads and failures. */
final class ReplicaCallMutants {
    private ReplicaCallMutants() {}

    /** Two commits at once trip over each other. */
    static final class OneWriterOnly extends Front {
        private final CountDownLatch second = new CountDownLatch(2);

        OneWriterOnly(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            String thread = Thread.currentThread().getName();
            if (thread.startsWith("replica-tck")) {
                second.countDown();
                try {
                    if (second.await(5, TimeUnit.SECONDS)) {
                        throw new IllegalStateException("another commit is at work");
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return super.commit(commit);
        }
    }

    /** One lock for readers and writers. */
    static final class OneLock extends Front {
        OneLock(Replica right) {
            super(right);
        }

        @Override
        public synchronized CommitResult commit(Commit commit) {
            return super.commit(commit);
        }

        @Override
        public synchronized Snapshot snapshot() {
            return super.snapshot();
        }
    }

    /** A commit that breaks off leaves its blocks. */
    static final class LeavesBlocks extends Front {
        LeavesBlocks(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            try {
                return super.commit(commit);
            } catch (SyncException e) {
                throw e; // refused before it began
            } catch (RuntimeException e) {
                super.commit(new Commit(commit.blocks(), List.of(), commit.origin()));
                throw e;
            }
        }
    }

    /** Claims to have written what could not be written. */
    static final class HidesFullDisk extends Front {
        private CommitResult last;

        HidesFullDisk(Replica right) {
            super(right);
            last = right.commit(new Commit(List.of(), List.of(), Origin.LOCAL));
        }

        @Override
        public CommitResult commit(Commit commit) {
            try {
                last = super.commit(commit);
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.STORAGE) {
                    throw e;
                }
            }
            return last;
        }
    }

    /** Lets out what its parser throws. */
    static final class PlainExceptions extends Front {
        PlainExceptions(Replica right) {
            super(right);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            if (maxEvents < 1) {
                throw new IllegalArgumentException("maxEvents");
            }
            return super.changes(after, maxEvents);
        }
    }

    /** Takes subscriptions for which nothing will ever happen. */
    static final class ClosedInSilence extends Front {
        ClosedInSilence(Replica right) {
            super(right);
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            try {
                return super.onChange(wakeUp);
            } catch (SyncException e) {
                return () -> {};
            }
        }
    }

    /** A replica that makes a new one each time it is asked for itself. */
    static final class NeverTheSame extends Front {
        NeverTheSame(Replica right) {
            super(right);
        }

        @Override
        public Replica replica() {
            return new NeverTheSame(right);
        }
    }
}
