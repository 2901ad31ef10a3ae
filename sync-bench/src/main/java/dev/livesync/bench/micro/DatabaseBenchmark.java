package dev.livesync.bench.micro;

import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.bench.workload.Scratch;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Edits and reads of a database that has documents already; each put or batch is durable when it returns. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DatabaseBenchmark {
    private static final int BATCH = 100;

    /** Which kind. */
    @Param({"memory", "directory"})
    public String store = "";

    /** How many documents there are. */
    @Param({"1000", "10000"})
    public int size;

    private final SampleDocuments documents = new SampleDocuments(1);
    private final SplittableRandom random = new SplittableRandom(2);
    private @Nullable Scratch scratch;
    private @Nullable Database database;
    private int revision;

    /** A fresh database for each iteration: it only grows. */
    @Setup(Level.Iteration)
    public void open() throws IOException {
        scratch = new Scratch(Path.of(System.getProperty("java.io.tmpdir")));
        database = store.equals("memory") ? Database.inMemory() : Database.open(scratch.next());
        database.write(batch -> {
            for (int i = 0; i < size; i++) {
                batch.put(SampleDocuments.id(i), documents.json(i));
            }
        });
    }

    /** Takes it away again. */
    @TearDown(Level.Iteration)
    public void close() {
        database().close();
        if (scratch != null) {
            scratch.close();
        }
    }

    private Database database() {
        if (database == null) {
            throw new IllegalStateException("not open");
        }
        return database;
    }

    /** One edit of some document. */
    @Benchmark
    public void put() {
        int number = random.nextInt(size);
        database().put(SampleDocuments.id(number), documents.json(number, ++revision));
    }

    /** A hundred edits at once. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void batch() {
        int first = random.nextInt(size - BATCH);
        revision++;
        database().write(batch -> {
            for (int i = first; i < first + BATCH; i++) {
                batch.put(SampleDocuments.id(i), documents.json(i, revision));
            }
        });
    }

    /** One read of some document. */
    @Benchmark
    public Optional<Document> get() {
        return database().get(SampleDocuments.id(random.nextInt(size)));
    }
}
