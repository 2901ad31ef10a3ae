package dev.livesync.bench.micro;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.bench.workload.Corpus;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.car.CarDecoder;
import dev.livesync.car.CarWriter;
import java.util.List;
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

/** A CAR of events, in operations per block. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CarBenchmark {
    private static final int COUNT = 1_000;
    private static final int PIECE = 256 << 10;

    private final List<Block> blocks = Corpus.chain(new SampleDocuments(1), COUNT).stream()
            .map(Event::block)
            .toList();
    private final List<Cid> roots = List.of(blocks.get(COUNT - 1).cid());
    private final byte[] car = CarWriter.encode(roots, blocks);

    /** Parses and checks every hash, fed as it comes from a channel. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void decode(Blackhole hole) {
        CarDecoder decoder = new CarDecoder(new CarDecoder.Handler() {
            @Override
            public void roots(List<Cid> roots) {
                hole.consume(roots);
            }

            @Override
            public void block(Block block) {
                hole.consume(block);
            }
        });
        for (int at = 0; at < car.length; at += PIECE) {
            decoder.feed(car, at, Math.min(PIECE, car.length - at));
        }
        decoder.finish();
    }

    /** Writes. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public byte[] encode() {
        return CarWriter.encode(roots, blocks);
    }
}
