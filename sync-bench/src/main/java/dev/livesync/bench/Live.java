package dev.livesync.bench;

import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Many small messages. What matters first is that they never stop: a stall is a failure, whatever the rate. */
final class Live {
    /** What came of a flood: how long it took, and the longest time in which nothing arrived. */
    record Flood(long total, long nanos, long silenceMillis, long commits) {
        double perSecond() {
            return total / (nanos / 1e9);
        }
    }

    private static final String NAME = "live";

    private final ProcessPair pair;
    private final Duration stall;

    /** What B had received when there was nothing to receive yet. */
    private long received;

    Live(ProcessPair pair, Duration stall) {
        this.pair = pair;
        this.stall = stall;
    }

    /** Messages over a channel and back, in windows, without the protocol. */
    Flood channel(long total, int bytes) {
        String address = pair.a(Line.of("echo")).text("address");
        Line answer = pair.b(Line.of("windows")
                .with("address", address)
                .with("total", total)
                .with("bytes", bytes)
                .with("stall", stall.toMillis()));
        return new Flood(total, answer.number("nanos"), answer.number("silence"), 0);
    }

    /** Opens a database on both sides, in memory, and connects them. */
    void connect() {
        pair.a(Line.of("open").with("name", NAME).with("store", "memory"));
        pair.b(Line.of("open").with("name", NAME).with("store", "memory"));
        String address = pair.a(Line.of("serve").with("name", NAME)).text("address");
        pair.b(Line.of("sync").with("name", NAME).with("address", address).with("stay", true));
        received = pair.b(Line.of("summary").with("name", NAME)).number("received");
    }

    /** Single puts at A as fast as they go, until B has every event. */
    Flood puts(long total, int ids) {
        // Who reads a document sees it before it is counted here.
        long before = received + pair.a(Line.of("summary").with("name", NAME)).number("events");
        awaitEvents(before);
        long start = System.nanoTime();
        CompletableFuture<Line> puts = pair.meanwhileA(
                Line.of("hammer").with("name", NAME).with("total", total).with("ids", ids));
        Line answer = awaitEvents(before + total);
        long nanos = System.nanoTime() - start;
        puts.join();
        if (answer.number("received") != before + total) {
            throw new IllegalStateException((answer.number("received") - before) + " events arrived of " + total);
        }
        pair.requireEqual(NAME, NAME);
        return new Flood(total, nanos, answer.number("silence"), answer.number("commits"));
    }

    private Line awaitEvents(long total) {
        return pair.b(
                Line.of("await-events").with("name", NAME).with("total", total).with("stall", stall.toMillis()));
    }

    /** Single puts at a pace; from the call of put at A to the call of B's listener, in milliseconds. */
    Samples paced(int from, int count, long micros, long seed) {
        return paced(pair, NAME, NAME, from, count, micros, seed);
    }

    static Samples paced(ProcessPair pair, String atA, String atB, int from, int count, long micros, long seed) {
        pair.b(Line.of("watch").with("name", atB));
        long[] put = pair.a(Line.of("put-paced")
                        .with("name", atA)
                        .with("from", from)
                        .with("count", count)
                        .with("micros", micros)
                        .with("seed", seed))
                .numbers("times");
        long[] visible = pair.b(
                        Line.of("arrived").with("name", atB).with("from", from).with("count", count))
                .numbers("times");
        double[] millis = new double[count];
        for (int i = 0; i < count; i++) {
            millis[i] = (visible[i] - put[i]) / 1e3;
        }
        return Samples.of(millis);
    }
}
