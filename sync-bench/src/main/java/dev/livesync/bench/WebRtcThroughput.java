package dev.livesync.bench;

import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;

/**
 * Large messages from A to B over WebRTC: through our channel, and through a bare data channel of the same library in the same
 * two processes, in turn. Each goes over a connection of its own; the clock runs from the first send until the last arrived.
 */
final class WebRtcThroughput {
    /** One round: nanoseconds each way. */
    record Round(long own, long bare) {
        /** Our throughput as a share of the bare one's. */
        double ratio() {
            return (double) bare / own;
        }
    }

    /** What came of the rounds. */
    record Outcome(long bytes, List<Round> rounds) {
        Samples ratios() {
            return Samples.of(rounds.stream().map(Round::ratio).toList());
        }

        /** The median of a time, as megabytes a second. */
        double megabytes(ToDoubleFunction<Round> nanos) {
            return bytes
                    * 1e3
                    / Samples.of(rounds.stream().mapToDouble(nanos).toArray()).median();
        }
    }

    private final ProcessPair pair;
    private final int messages;
    private final int bytes;

    WebRtcThroughput(ProcessPair pair, int messages, int bytes) {
        this.pair = pair;
        this.messages = messages;
        this.bytes = bytes;
    }

    Outcome run(int warmup, int rounds) {
        List<Round> measured = new ArrayList<>();
        for (int i = 0; i < warmup + rounds; i++) {
            long first = i % 2 == 0 ? carry("own") : carry("bare");
            long second = i % 2 == 0 ? carry("bare") : carry("own");
            if (i >= warmup) {
                measured.add(i % 2 == 0 ? new Round(first, second) : new Round(second, first));
            }
        }
        return new Outcome((long) messages * bytes, measured);
    }

    private long carry(String kind) {
        String offer = pair.a(Line.of("rtc-offer").with("kind", kind)).text("signal");
        String answer = pair.b(Line.of("rtc-accept").with("kind", kind).with("signal", offer))
                .text("signal");
        pair.a(Line.of("rtc-connect").with("signal", answer));
        pair.b(Line.of("rtc-expect").with("messages", messages));
        long start = System.nanoTime();
        CompletableFuture<Line> sent =
                pair.meanwhileA(Line.of("rtc-send").with("messages", messages).with("bytes", bytes));
        pair.b(Line.of("rtc-arrived"));
        long nanos = System.nanoTime() - start;
        sent.join();
        pair.a(Line.of("rtc-close"));
        pair.b(Line.of("rtc-close"));
        return nanos;
    }
}
