package dev.livesync.bench.micro;

import dev.livesync.api.Cid;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.car.Keys;
import dev.livesync.database.columns.KeyTable;
import dev.livesync.database.history.CurrentDocuments;
import dev.livesync.database.history.EventGraph;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The event graph and the merge: 10,000 events on 2,000 keys, by writers who see each other's events now and then. One
 * writer makes a chain; three make forks, merges and conflicts.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HistoryBenchmark {
    private static final int EVENTS = 10_000;
    private static final int KEYS = 2_000;
    private static final int QUESTIONS = 1_000;

    /** How many write. */
    @Param({"1", "3"})
    public int writers;

    private final Cid[] cids = new Cid[EVENTS];
    private final String[] keys = new String[EVENTS];
    private final int[][] parents = new int[EVENTS][];
    private final int[] asked = new int[QUESTIONS];

    private KeyTable table = new KeyTable(1);
    private EventGraph graph = new EventGraph(1);
    private CurrentDocuments documents = new CurrentDocuments(graph);

    /** Makes the history, and takes it in once for the questions. */
    @Setup(Level.Trial)
    public void write() {
        SplittableRandom random = new SplittableRandom(writers);
        int[] last = new int[writers];
        for (int e = 0; e < EVENTS; e++) {
            byte[] bytes = new byte[32];
            random.nextBytes(bytes);
            cids[e] = Cid.ofDigest(Cid.DAG_CBOR, bytes, 0);
            keys[e] = Keys.ofId(SampleDocuments.id(random.nextInt(KEYS)));
            int writer = random.nextInt(writers);
            int other = last[random.nextInt(writers)];
            boolean merges = other != last[writer] && random.nextInt(5) == 0;
            parents[e] = e == 0 ? new int[0] : merges ? new int[] {last[writer], other} : new int[] {last[writer]};
            if (e == 0) {
                Arrays.fill(last, 0);
            } else {
                last[writer] = e;
            }
        }
        for (int i = 0; i < QUESTIONS; i++) {
            asked[i] = random.nextInt(EVENTS);
        }
        accept();
    }

    /** Takes in the whole history, event by event. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public int accept() {
        table = new KeyTable(1);
        graph = new EventGraph(1);
        documents = new CurrentDocuments(graph);
        for (int e = 0; e < EVENTS; e++) {
            documents.accept(graph.add(cids[e], table.intern(keys[e]), false, parents[e]));
        }
        return documents.count();
    }

    /** Which event made a document what it is. */
    @Benchmark
    @OperationsPerInvocation(QUESTIONS)
    public void winner(Blackhole hole) {
        for (int e : asked) {
            hole.consume(documents.winner(table.find(keys[e])));
        }
    }

    /** Whether one event is among another's ancestors. */
    @Benchmark
    @OperationsPerInvocation(QUESTIONS)
    public void isAncestor(Blackhole hole) {
        for (int i = 1; i < QUESTIONS; i++) {
            hole.consume(graph.isAncestor(Math.min(asked[i - 1], asked[i]), Math.max(asked[i - 1], asked[i])));
        }
    }

    /** Where two events' histories part. */
    @Benchmark
    @OperationsPerInvocation(QUESTIONS)
    public void nearestCommonAncestor(Blackhole hole) {
        for (int i = 1; i < QUESTIONS; i++) {
            hole.consume(graph.nearestCommonAncestor(asked[i - 1], asked[i]));
        }
    }
}
