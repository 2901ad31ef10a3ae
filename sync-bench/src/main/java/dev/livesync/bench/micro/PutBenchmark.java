package dev.livesync.bench.micro;

import dev.livesync.api.Cid;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.bench.workload.Scratch;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
 * What one put costs, with its share of the maintenance that it causes: the database is filled once, and the documents to be put are
 * made before, so that {@code -prof gc} counts nothing else.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class PutBenchmark {
    private static final int BATCH = 100;
    /** Edits made beforehand; then they are put again, each time on top of others. */
    private static final int EDITS = 40_000;

    /** Which kind. */
    @Param({"memory", "directory"})
    public String store = "";

    /** How many documents there are. */
    @Param({"10000"})
    public int size;

    private final String[] ids = new String[EDITS];
    private final String[] contents = new String[EDITS];
    private @Nullable Scratch scratch;
    private @Nullable Database database;
    private int next;

    /** Fills a database. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        SampleDocuments documents = new SampleDocuments(1);
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < EDITS; i++) {
            int number = random.nextInt(size);
            ids[i] = SampleDocuments.id(number);
            contents[i] = documents.json(number, i + 1);
        }
        scratch = new Scratch(Path.of(System.getProperty("java.io.tmpdir")));
        Database opened = store.equals("memory") ? Database.inMemory() : Database.open(scratch.next());
        for (int from = 0; from < size; from += BATCH) {
            int start = from;
            opened.write(batch -> {
                for (int i = start; i < Math.min(size, start + BATCH); i++) {
                    batch.put(SampleDocuments.id(i), documents.json(i));
                }
            });
        }
        database = opened;
    }

    /** Takes it away again. */
    @TearDown(Level.Trial)
    public void close() {
        if (database != null) {
            database.close();
        }
        if (scratch != null) {
            scratch.close();
        }
    }

    /** One edit of some document, durable when it returns. */
    @Benchmark
    public Cid put() {
        Database opened = database;
        if (opened == null) {
            throw new IllegalStateException("not open");
        }
        int edit = next++ % EDITS;
        return opened.put(ids[edit], contents[edit]);
    }
}
