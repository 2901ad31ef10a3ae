package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Events;
import dev.livesync.tck.ReplicaFronts.Front;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;

/** Broken commits and answers. */
final class ReplicaCommitMutants {
    private ReplicaCommitMutants() {}

    /** Blocks first, events afterwards. */
    static final class TwoSteps extends Front {
        TwoSteps(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            if (commit.origin().equals(Make.ALICE) && !commit.blocks().isEmpty()) {
                super.commit(new Commit(commit.blocks(), List.of(), commit.origin()));
            }
            return super.commit(commit);
        }
    }

    /** Forgets the latest commit when the process ends. */
    static final class LazyStore extends PlainStore {
        private final boolean evenInOrder;

        LazyStore(boolean evenInOrder) {
            this.evenInOrder = evenInOrder;
        }

        private void forget() {
            if (disk.states.size() > 1) {
                disk.states.remove(disk.states.size() - 1);
            }
        }

        @Override
        public void close() {
            if (evenInOrder) {
                forget();
            }
            super.close();
        }

        @Override
        public void crash() {
            super.close();
            if (!evenInOrder) {
                forget();
            }
        }
    }

    /** Answers that are not the right ones. */
    static final class Answers extends Front {
        private final BinaryOperator<CommitResult> wrong;
        private CommitResult last;

        /** Makes the wrong answer of the one before and the right one. */
        Answers(Replica right, BinaryOperator<CommitResult> wrong) {
            super(right);
            this.wrong = wrong;
            this.last = right.commit(new Commit(List.of(), List.of(), Origin.LOCAL));
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            CommitResult before = last;
            last = result;
            return wrong.apply(before, result);
        }
    }

    /** Commits that are changed on the way in. */
    abstract static class Filter extends Front {
        Filter(Replica right) {
            super(right);
        }

        abstract Commit filter(Commit commit);

        @Override
        public CommitResult commit(Commit commit) {
            return super.commit(filter(commit));
        }

        static Commit events(Commit commit, Predicate<Event> keep) {
            return new Commit(
                    commit.blocks(), commit.events().stream().filter(keep).toList(), commit.origin());
        }

        static Commit blocks(Commit commit, Predicate<Block> keep) {
            return new Commit(commit.blocks().stream().filter(keep).toList(), commit.events(), commit.origin());
        }
    }

    /** Drops events that stand before their parents. */
    static final class WantsParentsFirst extends Filter {
        WantsParentsFirst(Replica right) {
            super(right);
        }

        @Override
        Commit filter(Commit commit) {
            Set<Cid> later = new HashSet<>(Make.cids(commit.events()));
            return events(commit, e -> {
                later.remove(e.cid());
                return e.parents().stream().noneMatch(later::contains);
            });
        }
    }

    /** Takes what is stored for done. */
    static final class StoredIsDone extends Filter {
        StoredIsDone(Replica right) {
            super(right);
        }

        @Override
        Commit filter(Commit commit) {
            try (Snapshot s = right.snapshot()) {
                Set<Cid> missing = new HashSet<>(s.missing(Make.cids(commit.events())));
                return events(commit, e -> missing.contains(e.cid()));
            }
        }
    }

    /** Thinks that all blocks are dag-cbor. */
    static final class NodesOnly extends Filter {
        NodesOnly(Replica right) {
            super(right);
        }

        @Override
        Commit filter(Commit commit) {
            boolean mixed = commit.blocks().stream()
                            .map(b -> b.cid().codec())
                            .distinct()
                            .count()
                    > 1;
            return mixed ? blocks(commit, b -> b.cid().codec() == Cid.DAG_CBOR) : commit;
        }
    }

    /** Shows the events of a second commit of the same as accepted again. */
    static final class AcceptsTwice extends Front {
        AcceptsTwice(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            Set<Cid> accepted = new LinkedHashSet<>(result.accepted());
            try (Snapshot s = right.snapshot()) {
                for (Event e : commit.events()) {
                    if (s.event(e.cid()) != null) {
                        accepted.add(e.cid());
                    }
                }
            }
            return new CommitResult(
                    result.heads(), List.copyOf(accepted), result.pending(), result.missing(), result.cursor());
        }
    }

    /** Knows only of what this commit brought. */
    static final class AcceptsItsOwnOnly extends Front {
        AcceptsItsOwnOnly(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            List<Cid> own = new ArrayList<>(result.accepted());
            own.retainAll(Make.cids(commit.events()));
            return new CommitResult(result.heads(), own, result.pending(), result.missing(), result.cursor());
        }
    }

    /** Names pending parents as missing. */
    static final class MissesItsParents extends Front {
        MissesItsParents(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            Set<Cid> missing = new LinkedHashSet<>();
            try (Snapshot s = right.snapshot()) {
                for (Event e : commit.events()) {
                    missing.addAll(Events.decode(s.block(e.cid())).parents());
                }
                missing.removeIf(cid -> s.event(cid) != null);
            }
            List<Cid> wrong = result.pending().isEmpty() ? List.of() : List.copyOf(missing);
            return new CommitResult(result.heads(), result.accepted(), result.pending(), wrong, result.cursor());
        }
    }

    /** Takes pending events without end. */
    static final class NoQuota extends Front {
        NoQuota(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            try {
                return super.commit(commit);
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.LIMIT_EXCEEDED) {
                    throw e;
                }
                CommitResult result = super.commit(new Commit(commit.blocks(), List.of(), commit.origin()));
                for (Event event : commit.events()) {
                    result = super.commit(new Commit(List.of(), List.of(event), commit.origin()));
                }
                return result;
            }
        }
    }

    /** Counts complete events as well. */
    static final class QuotaForAll extends Front {
        QuotaForAll(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            long size = 0;
            for (Event e : commit.events()) {
                size += e.block().size();
            }
            if (size > PlainStore.QUOTA) {
                throw new SyncException(ErrorKind.LIMIT_EXCEEDED, size + " bytes of events");
            }
            return super.commit(commit);
        }
    }

    /** Never takes again what it gave up. */
    static final class NoSecondChance extends Filter {
        private final Set<Cid> waited = ConcurrentHashMap.newKeySet();

        NoSecondChance(Replica right) {
            super(right);
        }

        @Override
        Commit filter(Commit commit) {
            try (Snapshot s = right.snapshot()) {
                Set<Cid> absent = new HashSet<>(s.missing(Make.cids(commit.events())));
                return events(commit, e -> !(absent.contains(e.cid()) && waited.contains(e.cid())));
            }
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            waited.addAll(result.pending());
            return result;
        }
    }

    /** All peers share one quota; the newest events pay for it. */
    static final class OneQuota extends Filter {
        OneQuota(Replica right) {
            super(right);
        }

        @Override
        Commit filter(Commit commit) {
            return new Commit(
                    commit.blocks(), commit.events(), new Origin(commit.origin().session(), "all"));
        }
    }

    /** Each session of a peer has a quota of its own. */
    static final class SessionQuota extends Filter {
        SessionQuota(Replica right) {
            super(right);
        }

        @Override
        Commit filter(Commit commit) {
            String session = commit.origin().session();
            return new Commit(commit.blocks(), commit.events(), new Origin(session, session));
        }
    }

    /** Leaves out the blocks of a commit whose events all wait. */
    static final class PendingOnly extends Front {
        PendingOnly(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            if (commit.blocks().isEmpty() || commit.events().isEmpty()) {
                return super.commit(commit);
            }
            CommitResult result = super.commit(new Commit(List.of(), commit.events(), commit.origin()));
            Set<Cid> waiting = new HashSet<>(result.pending());
            return commit.events().stream().allMatch(e -> waiting.contains(e.cid())) ? result : with(result, commit);
        }

        private CommitResult with(CommitResult result, Commit commit) {
            super.commit(new Commit(commit.blocks(), List.of(), commit.origin()));
            return result;
        }
    }

    /** What is wrong with a counter of pending bytes. */
    interface Miscount {
        long add(PlainDisk.State before, PlainDisk.State next, Commit commit, long refused);
    }

    /** Keeps counters of pending bytes by peer, and gets them wrong. */
    static final class CountingStore extends PlainStore {
        private final Miscount miscount;
        private final Map<String, Long> counters = new ConcurrentHashMap<>();

        CountingStore(Miscount miscount) {
            this.miscount = miscount;
        }

        @Override
        PlainReplica make(PlainDisk disk) {
            return new PlainReplica(disk, QUOTA) {
                @Override
                long surplus(PlainDisk.State before, PlainDisk.State next, Commit commit, long refused) {
                    return counters.merge(
                            commit.origin().peer(), miscount.add(before, next, commit, refused), Long::sum);
                }
            };
        }

        /** Counts again what is sent again. */
        static long resent(PlainDisk.State before, PlainDisk.State next, Commit commit, long refused) {
            return commit.events().stream()
                    .filter(e -> before.oracle.pending().contains(e.cid()))
                    .filter(e -> !next.oracle.isComplete(e.cid()))
                    .mapToLong(e -> e.block().size())
                    .sum();
        }

        /** Goes on counting what has become complete. */
        static long completed(PlainDisk.State before, PlainDisk.State next, Commit commit, long refused) {
            return before.oracle.pending().stream()
                    .filter(next.oracle::isComplete)
                    .mapToLong(c -> next.oracle.event(c).block().size())
                    .sum();
        }

        /** Counts what it refused. */
        static long refused(PlainDisk.State before, PlainDisk.State next, Commit commit, long refused) {
            return refused;
        }
    }

    /** Doesn't know after a start whose the pending events are. */
    static final class NobodysStore extends PlainStore {
        @Override
        public void close() {
            super.close();
            disk.latest().origins.keySet().removeAll(disk.latest().oracle.pending());
        }
    }
}
