package dev.livesync.bench;

import dev.livesync.bench.process.Child;
import dev.livesync.bench.process.Line;
import dev.livesync.bench.report.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Large messages over libp2p from one process to another: ours, then js-libp2p's, in turn, and in between the cipher on its
 * own. Each pair stays the same two processes, so that all of them are warm.
 */
final class Throughput implements AutoCloseable {
    /** One transfer: how long it took, and how much of the processors' time at the sender and at the receiver. */
    record Took(long nanos, long cpuSender, long cpuReceiver) {
        long cpu() {
            return cpuSender + cpuReceiver;
        }
    }

    /** One round. The cipher's is the processors' time for encrypting as many bytes and decrypting them again. */
    record Round(Took ours, @Nullable Took js, long cipher) {}

    /** What came of it. */
    record Outcome(List<Round> rounds) {
        /** The median of something. */
        double median(ToDoubleFunction<Round> figure) {
            return samples(figure).median();
        }

        /** All of something. */
        Samples samples(ToDoubleFunction<Round> figure) {
            return Samples.of(rounds.stream().mapToDouble(figure).toArray());
        }

        /** The mean of a processor's time, in milliseconds. */
        double meanMillis(ToDoubleFunction<Round> nanos) {
            return rounds.stream().mapToDouble(nanos).average().orElseThrow() / 1e6;
        }
    }

    /** Two processes, one of which serves a sink. */
    private static final class Route implements AutoCloseable {
        private final Child sender;
        private final Child receiver;
        private final long bytes;
        private final int size;
        private final String address;

        Route(Child sender, Child receiver, long bytes, int size) {
            this.sender = sender;
            this.receiver = receiver;
            this.bytes = bytes;
            this.size = size;
            this.address = receiver.ask(Line.of("sink").with("bytes", bytes)).text("address");
        }

        Took transfer() {
            long cpuSender = cpu(sender);
            long cpuReceiver = cpu(receiver);
            long nanos = sender.ask(Line.of("send")
                            .with("address", address)
                            .with("bytes", bytes)
                            .with("size", size))
                    .number("nanos");
            return new Took(nanos, cpu(sender) - cpuSender, cpu(receiver) - cpuReceiver);
        }

        private static long cpu(Child child) {
            return child.ask(Line.of("cpu")).number("nanos");
        }

        @Override
        public void close() {
            sender.close();
            receiver.close();
        }
    }

    private final Child alone;
    private final Route ours;
    private final @Nullable Route js;
    private final long bytes;

    /**
     * Starts all processes.
     *
     * @param jvmOptions what to tell our JVMs
     * @param interop the folder of js-libp2p's side; null to go without
     * @param bytes how much is sent each time, in whole messages
     * @param size the size of a message
     */
    Throughput(List<String> jvmOptions, @Nullable Path interop, long bytes, int size) throws IOException {
        if (interop != null && !Files.isDirectory(interop.resolve("node_modules"))) {
            throw new IOException("no node_modules in " + interop + ": run `npm ci` there first");
        }
        this.bytes = bytes;
        this.alone = Child.java("the cipher", jvmOptions, Main.class, "libp2p-peer");
        this.ours = new Route(
                Child.java("our sender", jvmOptions, Main.class, "libp2p-peer"),
                Child.java("our receiver", jvmOptions, Main.class, "libp2p-peer"),
                bytes,
                size);
        this.js = interop == null
                ? null
                : new Route(
                        Child.node("js-libp2p's sender", interop.resolve("bench.mjs")),
                        Child.node("js-libp2p's receiver", interop.resolve("bench.mjs")),
                        bytes,
                        size);
    }

    Outcome run(int warmup, int rounds) {
        List<Round> counted = new ArrayList<>();
        for (int i = -warmup; i < rounds; i++) {
            Round round = i % 2 == 0 ? oursFirst() : jsFirst();
            System.err.println((i < 0 ? "warm-up: " : "counts: ") + round);
            if (i >= 0) {
                counted.add(round);
            }
        }
        return new Outcome(counted);
    }

    private Round oursFirst() {
        Took first = ours.transfer();
        long cipher = cipher();
        return new Round(first, js(), cipher);
    }

    private Round jsFirst() {
        Took first = js();
        long cipher = cipher();
        return new Round(ours.transfer(), first, cipher);
    }

    private @Nullable Took js() {
        return js == null ? null : js.transfer();
    }

    private long cipher() {
        return alone.ask(Line.of("cipher").with("bytes", bytes)).number("nanos");
    }

    @Override
    public void close() {
        alone.close();
        ours.close();
        if (js != null) {
            js.close();
        }
    }
}
