package dev.livesync.bench.micro;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.bench.workload.Corpus;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.car.DagCbor;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
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

/** dag-cbor and events: what every document costs on its way in and out. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
    private static final int COUNT = 1_000;

    private final List<Event> events = Corpus.chain(new SampleDocuments(1), COUNT);
    private final List<Block> blocks = events.stream().map(Event::block).toList();
    private final List<byte[]> bytes = blocks.stream().map(Block::toByteArray).toList();
    private final List<Value> values = bytes.stream().map(DagCbor::decode).toList();

    /** Whole events to values. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void decodeValue(Blackhole hole) {
        for (byte[] one : bytes) {
            hole.consume(DagCbor.decode(one));
        }
    }

    /** Values to bytes. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void encodeValue(Blackhole hole) {
        for (Value value : values) {
            hole.consume(DagCbor.encode(value));
        }
    }

    /** Blocks to events, the document checked but not built: what a receiver does. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void decodeEvent(Blackhole hole) {
        for (Block block : blocks) {
            hole.consume(Events.decode(block));
        }
    }

    /** Documents to events, hashed: what a writer does. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void encodeEvent(Blackhole hole) {
        for (int i = 0; i < COUNT; i++) {
            Event event = events.get(i);
            hole.consume(Events.put(
                    Keys.ofId(SampleDocuments.id(i)), Events.encodedValue(event), event.root(), event.parents()));
        }
    }

    /** The hash alone, to tell it from the rest. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void verify(Blackhole hole) {
        for (int i = 0; i < COUNT; i++) {
            hole.consume(Cid.hash(Cid.DAG_CBOR, bytes.get(i)));
        }
    }
}
