package dev.livesync.bench.micro;

import dev.livesync.api.Cid;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** CIDs as text and as keys. A diff message of a large database is nothing else. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CidBenchmark {
    private static final int COUNT = 1_000;

    private final Cid[] cids = new Cid[COUNT];
    private final Cid[] copies = new Cid[COUNT];
    private final String[] texts = new String[COUNT];

    /** Hashes of nothing in particular. */
    public CidBenchmark() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < COUNT; i++) {
            byte[] bytes = new byte[200];
            random.nextBytes(bytes);
            cids[i] = Cid.hash(Cid.DAG_CBOR, bytes);
            texts[i] = cids[i].toString();
            copies[i] = Cid.parse(texts[i]);
        }
    }

    /**
     * To text.
     *
     * @param hole takes the results
     */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void toText(Blackhole hole) {
        for (Cid cid : cids) {
            hole.consume(cid.toString());
        }
    }

    /**
     * From text.
     *
     * @param hole takes the results
     */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void parse(Blackhole hole) {
        for (String text : texts) {
            hole.consume(Cid.parse(text));
        }
    }

    /**
     * By hash and equality.
     *
     * @param hole takes the results
     */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void equal(Blackhole hole) {
        for (int i = 0; i < COUNT; i++) {
            hole.consume(cids[i].hashCode() == copies[i].hashCode() && cids[i].equals(copies[i]));
        }
    }

    /**
     * In the order of texts, without the texts.
     *
     * @return the last in order
     */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public Cid sort() {
        Cid[] sorted = cids.clone();
        Arrays.sort(sorted);
        return sorted[COUNT - 1];
    }
}
