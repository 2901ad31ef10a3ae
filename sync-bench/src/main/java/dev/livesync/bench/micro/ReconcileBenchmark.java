package dev.livesync.bench.micro;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.core.reconcile.ReconcileLimits;
import dev.livesync.core.reconcile.Reconciliation;
import dev.livesync.core.reconcile.Reconciliations;
import dev.livesync.core.reconcile.TableMemory;
import dev.livesync.database.Database;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Finding out what two databases don't share: what both ends together take from the first message to the last, snapshots included, without
 * the events that are sent then. Both have so many documents in common and each 50 more.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReconcileBenchmark {
    private static final int MORE = 50;
    private static final int BATCH = 100;

    /** How many documents both have. */
    @Param({"100000"})
    public int common;

    private final byte[] salt = new byte[Reconciliations.SALT_BYTES];
    private final Database here = Database.inMemory();
    private final Database there = Database.inMemory();
    private List<Cid> met = List.of();

    /** Fills both. */
    @Setup(Level.Trial)
    public void fill() {
        SampleDocuments documents = new SampleDocuments(1);
        for (int i = 0; i < common; i += BATCH) {
            int from = i;
            here.write(batch -> {
                for (int j = from; j < Math.min(common, from + BATCH); j++) {
                    batch.put(SampleDocuments.id(j), documents.json(j));
                }
            });
        }
        copy(here.replica(), there.replica());
        met = here.clock();
        for (int i = 0; i < MORE; i++) {
            here.put("here" + i, documents.json(i));
            there.put("there" + i, documents.json(i));
        }
    }

    private static void copy(Replica from, Replica to) {
        try (Snapshot snapshot = from.snapshot()) {
            List<Event> events = new ArrayList<>();
            for (Iterator<Cid> all = snapshot.eventsSince(List.of()); all.hasNext(); ) {
                events.add(Objects.requireNonNull(snapshot.event(all.next())));
                if (events.size() >= 10 * BATCH || !all.hasNext()) {
                    to.commit(new Commit(List.of(), events, Origin.LOCAL));
                    events.clear();
                }
            }
        }
    }

    /** Closes both. */
    @TearDown(Level.Trial)
    public void close() {
        here.close();
        there.close();
    }

    /** Where the last common clock is remembered. */
    @Benchmark
    public long remembered() {
        return run(Reconciliations.initiator(
                here.replica().snapshot(), salt, met, ReconcileLimits.DEFAULT, TableMemory.UNLIMITED));
    }

    /** By names of events of the past. */
    @Benchmark
    public long named() {
        return run(Reconciliations.initiator(
                here.replica().snapshot(), salt, 0, ReconcileLimits.DEFAULT, TableMemory.UNLIMITED));
    }

    private long run(Reconciliation initiator) {
        long bytes = 0;
        try (initiator;
                Reconciliation responder = Reconciliations.responder(
                        there.replica().snapshot(), salt, 0, ReconcileLimits.DEFAULT, TableMemory.UNLIMITED)) {
            Reconciliation from = initiator;
            Reconciliation to = responder;
            while (!initiator.isDone() || !responder.isDone()) {
                for (byte[] message = from.poll(); message != null; message = from.poll()) {
                    bytes += message.length;
                    to.received(message);
                }
                Reconciliation next = from;
                from = to;
                to = next;
            }
        }
        return bytes;
    }
}
