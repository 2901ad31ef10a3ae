package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.database.erasure.ErasureResult;
import dev.livesync.database.log.WorkCounts;
import dev.livesync.database.maintenance.CompactionResult;
import dev.livesync.database.maintenance.DatabaseCounts;
import dev.livesync.database.maintenance.ForgetResult;
import dev.livesync.database.maintenance.RepairResult;
import dev.livesync.database.maintenance.Verification;
import dev.livesync.database.query.FieldIndex;
import dev.livesync.database.query.PageKey;
import dev.livesync.database.query.QueryPlan;
import dev.livesync.database.query.ResultPage;
import dev.livesync.database.replica.LocalReplica;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a database answers with. Records here and interfaces outside: what users see can grow, and nobody but us can make one. */
final class Results {
    private Results() {}

    record Written(List<Cid> events, List<Cid> clock) implements BatchResult {
        Written {
            events = List.copyOf(events);
            clock = List.copyOf(clock);
        }
    }

    record ChangesWithClock(List<DocumentChange> changes, List<Cid> clock) implements ChangesSince {
        ChangesWithClock {
            changes = List.copyOf(changes);
            clock = List.copyOf(clock);
        }
    }

    record Planned(Optional<FieldIndex> index, long candidates, boolean sorts, long documents) implements QueryPlan {
        @Override
        public String toString() {
            return index.map(by -> "by the index on " + by).orElse("by the ids") + ": looks at " + candidates + " of "
                    + documents + " documents at most" + (sorts ? ", and sorts what it finds" : ", in order");
        }
    }

    record Paged(List<Document> documents, Optional<PageKey> next) implements ResultPage<Document> {
        Paged {
            documents = List.copyOf(documents);
        }
    }

    record Compacted(long bytesBefore, long bytesAfter) implements CompactionResult {}

    record Verified(long blocks, long bytes, long events, long pending, long trees, List<String> problems)
            implements Verification {
        Verified {
            problems = List.copyOf(problems);
        }

        @Override
        public boolean ok() {
            return problems.isEmpty();
        }
    }

    record Counted(
            long transactions,
            long bytesWritten,
            long forces,
            Duration forceTime,
            int waiting,
            long merges,
            Duration mergeTime,
            long compactions,
            Duration compactionTime,
            long checkpoints,
            Duration checkpointTime,
            long maintenanceFailures)
            implements DatabaseCounts {
        /** Of a database that writes no log. */
        static final Counted NONE =
                new Counted(0, 0, 0, Duration.ZERO, 0, 0, Duration.ZERO, 0, Duration.ZERO, 0, Duration.ZERO, 0);

        static Counted of(LocalReplica replica) {
            WorkCounts done = replica.counts();
            return new Counted(
                    done.transactions.sum(),
                    done.bytesWritten.sum(),
                    done.forces.times(),
                    Duration.ofNanos(done.forces.nanos()),
                    replica.waiting(),
                    done.merges.times(),
                    Duration.ofNanos(done.merges.nanos()),
                    done.compactions.times(),
                    Duration.ofNanos(done.compactions.nanos()),
                    done.checkpoints.times(),
                    Duration.ofNanos(done.checkpoints.nanos()),
                    done.maintenanceFailures.sum());
        }
    }

    record Erased(Set<Cid> roots, long documents, long freed, long remaining) implements ErasureResult {
        Erased {
            roots = Set.copyOf(roots);
        }
    }

    record Forgotten(long forgotten, long kept, Path before) implements ForgetResult {}

    record Repaired(long segments, long salvaged, List<String> problems, Verification after) implements RepairResult {
        Repaired {
            problems = List.copyOf(problems);
        }
    }
}
