package dev.livesync.bench.micro;

import dev.livesync.api.Block;
import dev.livesync.api.Event;
import dev.livesync.bench.workload.Corpus;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.car.Limits;
import dev.livesync.car.pack.PackReader;
import dev.livesync.car.pack.PackWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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

/** A thousand events in packs of a session, in operations per event. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PackBenchmark {
    private static final int COUNT = 1_000;

    /** How many events go into one pack. */
    @Param({"1", "10", "100", "1000"})
    public int events;

    private final List<Block> blocks = Corpus.chain(new SampleDocuments(1), COUNT).stream()
            .map(Event::block)
            .toList();
    private List<byte[]> packs = List.of();

    /** Writes what is read. */
    @Setup
    public void writePacks() {
        packs = packs();
    }

    private List<byte[]> packs() {
        PackWriter writer = new PackWriter();
        List<byte[]> written = new ArrayList<>();
        for (int at = 0; at < COUNT; at += events) {
            written.add(writer.write(blocks.subList(at, at + events)));
        }
        return written;
    }

    /** Writes, by a new writer for all of them. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public List<byte[]> write() {
        return packs();
    }

    /** Rebuilds, hashes and decodes, by a new reader for all of them. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void read(Blackhole hole) {
        PackReader reader = new PackReader(Limits.DEFAULT, COUNT, 1 << 24);
        for (byte[] pack : packs) {
            hole.consume(reader.read(pack, 0, pack.length));
        }
    }
}
