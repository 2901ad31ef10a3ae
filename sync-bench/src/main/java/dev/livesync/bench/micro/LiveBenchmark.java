package dev.livesync.bench.micro;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.database.Database;
import dev.livesync.transport.memory.MemoryNetwork;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
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
 * A whole live put: from the call of put at A until the listener at B, two databases of this process. With {@code -prof gc} it
 * tells what both ends allocate for one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
public class LiveBenchmark {
    private static final int BATCH = 100;

    /** What carries it. */
    @Param({"memory", "ws"})
    public String transport = "";

    /** How many documents both have. */
    @Param({"10000"})
    public int size;

    private final SampleDocuments documents = new SampleDocuments(1);
    private final SplittableRandom random = new SplittableRandom(2);
    private final Semaphore visible = new Semaphore(0);
    private @Nullable Database a;
    private @Nullable Database b;
    private @Nullable Sync syncA;
    private @Nullable Sync syncB;
    private int revision;

    /** In step, once: the profiler would count what filling them anew allocates. */
    @Setup(Level.Trial)
    public void open() throws Exception {
        Database first = Database.inMemory();
        Database second = Database.inMemory();
        for (int from = 0; from < size; from += BATCH) {
            int start = from;
            first.write(batch -> {
                for (int i = start; i < Math.min(size, start + BATCH); i++) {
                    batch.put(SampleDocuments.id(i), documents.json(i));
                }
            });
        }
        MemoryNetwork network = new MemoryNetwork();
        Sync listening = sync(first, network);
        Sync dialling = sync(second, network);
        String address = listening
                .listen(transport.equals("memory") ? "memory:a" : "ws://127.0.0.1:0/")
                .get(1, TimeUnit.MINUTES)
                .address();
        Session session = dialling.dial(address).get(1, TimeUnit.MINUTES);
        session.backlog().get(1, TimeUnit.MINUTES);
        var unused = second.subscribe(ids -> visible.release(ids.size()));
        a = first;
        b = second;
        syncA = listening;
        syncB = dialling;
    }

    private Sync sync(Database database, MemoryNetwork network) {
        TransportProvider provider = transport.equals("memory") ? network.provider() : new WebSocketTransportProvider();
        return Sync.builder(database).transport(provider).build();
    }

    /** Takes them away again. */
    @TearDown(Level.Trial)
    public void close() throws Exception {
        for (AutoCloseable closeable : new AutoCloseable[] {syncB, syncA, b, a}) {
            if (closeable != null) {
                closeable.close();
            }
        }
        visible.drainPermits();
    }

    /** One edit of some document, until the other side shows it. */
    @Benchmark
    public void put() throws InterruptedException {
        Database database = a;
        if (database == null) {
            throw new IllegalStateException("not open");
        }
        int number = random.nextInt(size);
        database.put(SampleDocuments.id(number), documents.json(number, ++revision));
        if (!visible.tryAcquire(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a put has not arrived");
        }
    }
}
