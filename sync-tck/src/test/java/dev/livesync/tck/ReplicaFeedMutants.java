package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.tck.ReplicaFronts.Front;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;

/** Broken feeds and wake-ups. */
final class ReplicaFeedMutants {
    private ReplicaFeedMutants() {}

    /** Changes that are not the right ones. */
    static Replica changes(Replica right, UnaryOperator<Change> wrong) {
        return new Front(right) {
            @Override
            public Changes changes(Cursor after, int maxEvents) {
                Changes page = super.changes(after, maxEvents);
                return new Changes(page.changes().stream().map(wrong).toList(), page.next());
            }
        };
    }

    /** Loses a change on every long page. */
    static final class Gap extends Front {
        Gap(Replica right) {
            super(right);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            Changes page = super.changes(after, maxEvents);
            List<Change> some = new ArrayList<>(page.changes());
            if (some.size() > 2) {
                some.remove(1);
            }
            return new Changes(some, page.next());
        }
    }

    /** Tells the last change of a page again on the next one. */
    static final class Repeat extends Front {
        private final Map<Cursor, Change> last = new HashMap<>();

        Repeat(Replica right) {
            super(right);
        }

        @Override
        public synchronized Changes changes(Cursor after, int maxEvents) {
            Changes page = super.changes(after, maxEvents);
            List<Change> more = new ArrayList<>(page.changes());
            Change before = last.get(after);
            if (!more.isEmpty()) {
                last.put(page.next(), more.get(more.size() - 1));
                if (before != null) {
                    more.add(0, before);
                }
            }
            return new Changes(more, page.next());
        }
    }

    static Change reversed(Change change) {
        return new Change(ReplicaSnapshotMutants.reversed(change.events()), change.nodes(), change.origin());
    }

    /** Cuts a page where it is full. */
    static final class SplitsBatches extends Front {
        SplitsBatches(Replica right) {
            super(right);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            String[] token = after.token().split("[+]", 2);
            int skip = token.length == 1 ? 0 : Integer.parseInt(token[1]);
            Changes page = super.changes(new Cursor(token[0]), maxEvents + skip);
            List<Change> cut = new ArrayList<>();
            int told = 0;
            int passed = 0;
            for (Change change : page.changes()) {
                int from = Math.min(Math.max(0, skip - passed), change.events().size());
                int to = Math.min(change.events().size(), from + maxEvents - told);
                passed += change.events().size();
                told += to - from;
                if (to > from) {
                    cut.add(new Change(change.events().subList(from, to), change.nodes(), change.origin()));
                }
            }
            boolean whole = skip + told == passed;
            return new Changes(cut, whole ? page.next() : new Cursor(token[0] + "+" + (skip + told)));
        }
    }

    /** Gives all it has. */
    static final class NoPages extends Front {
        NoPages(Replica right) {
            super(right);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            return super.changes(after, maxEvents < 1 ? maxEvents : Integer.MAX_VALUE);
        }
    }

    /** Forgets the place when it has nothing to tell. */
    static final class StartsOver extends Front {
        private final Cursor start;

        StartsOver(Replica right) {
            super(right);
            this.start =
                    right.commit(new Commit(List.of(), List.of(), Origin.LOCAL)).cursor();
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            Changes page = super.changes(after, maxEvents);
            return page.changes().isEmpty() ? new Changes(List.of(), start) : page;
        }
    }

    /** Names the commit that completed an event. */
    static final class NamesTheReleaser extends Front {
        private final Map<Cid, Origin> released = new ConcurrentHashMap<>();

        NamesTheReleaser(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            result.accepted().forEach(c -> released.put(c, commit.origin()));
            return result;
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            Changes page = super.changes(after, maxEvents);
            return new Changes(
                    page.changes().stream()
                            .map(c -> new Change(
                                    c.events(),
                                    c.nodes(),
                                    released.getOrDefault(c.events().get(0), c.origin())))
                            .toList(),
                    page.next());
        }
    }

    /** Makes its cursors out of a name that it has anew each time. */
    static final class NewNameStore extends PlainStore {
        @Override
        public void close() {
            super.close();
            PlainDisk renamed = new PlainDisk();
            renamed.states.addAll(disk.states);
            disk = renamed;
        }
    }

    /** Loses pending events when it is opened. */
    static final class PendingInMemoryStore extends PlainStore {
        @Override
        public void close() {
            super.close();
            PlainDisk.State last = disk.latest();
            if (disk.states.size() < 4) { // not where other rules look at all that is stored
                disk.states.add(PlainReplica.without(last, last.oracle.pending()));
            }
        }
    }

    /** Takes any cursor for the end of the feed. */
    static final class AnyCursor extends Front {
        private final ErrorKind hidden;

        AnyCursor(Replica right, ErrorKind hidden) {
            super(right);
            this.hidden = hidden;
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            try {
                return super.changes(after, maxEvents);
            } catch (SyncException e) {
                if (e.kind() == hidden && maxEvents > 0 && !after.token().equals("?")) {
                    return new Changes(List.of(), after);
                }
                throw e;
            }
        }
    }

    /** Wakes once and then never again. */
    static final class WakesOnce extends Front {
        WakesOnce(Replica right) {
            super(right);
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            // Once for each subscription that is alone; the other rules have shorter stories.
            AtomicBoolean woken = new AtomicBoolean();
            return super.onChange(() -> {
                if (woken.compareAndSet(false, true)) {
                    wakeUp.run();
                }
            });
        }
    }

    /** Wakes from inside the commit. */
    static final class WakesInCommit extends Front {
        private final List<Runnable> wakeUps = new CopyOnWriteArrayList<>();

        WakesInCommit(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            wakeUps.forEach(Runnable::run);
            return result;
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            super.onChange(wakeUp).close();
            wakeUps.add(wakeUp);
            return () -> wakeUps.remove(wakeUp);
        }
    }

    /** Has nobody leave. */
    static final class NoUnsubscribing extends Front {
        NoUnsubscribing(Replica right) {
            super(right);
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            super.onChange(wakeUp);
            return () -> {};
        }
    }

    /** Has commits that wake and commits that don't. */
    static final class WakesAfterSome extends Front {
        private final BiPredicate<Snapshot, Commit> which;
        private final List<Runnable> wakeUps = new CopyOnWriteArrayList<>();
        private final Executor waker;

        WakesAfterSome(Replica right, Executor waker, BiPredicate<Snapshot, Commit> which) {
            super(right);
            this.waker = waker;
            this.which = which;
        }

        @Override
        public CommitResult commit(Commit commit) {
            boolean wakes;
            try (Snapshot s = right.snapshot()) {
                wakes = which.test(s, commit);
            }
            CommitResult result = super.commit(commit);
            if (wakes && !result.accepted().isEmpty()) {
                wakeUps.forEach(waker::execute);
            }
            return result;
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            super.onChange(() -> {}).close();
            wakeUps.add(wakeUp);
            return () -> wakeUps.remove(wakeUp);
        }

        /** Whether a commit has anything to write. */
        static boolean writes(Snapshot s, Commit commit) {
            return !s.missing(Make.cids(commit.events())).isEmpty();
        }

        /** Whether a commit has nothing but what is new. */
        static boolean isAllNew(Snapshot s, Commit commit) {
            return s.missing(Make.cids(commit.events())).size()
                    == commit.events().size();
        }

        /** A thread that takes one after the other. */
        static Executor queue() {
            return Executors.newSingleThreadExecutor(ReplicaFeedMutants::daemon);
        }

        /** A thread that takes nothing while it has something to do. */
        static Executor busy() {
            Semaphore free = new Semaphore(1);
            Executor thread = queue();
            return task -> {
                if (free.tryAcquire()) {
                    thread.execute(() -> {
                        try {
                            task.run();
                        } finally {
                            free.release();
                        }
                    });
                }
            };
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "mutant");
        thread.setDaemon(true);
        return thread;
    }
}
