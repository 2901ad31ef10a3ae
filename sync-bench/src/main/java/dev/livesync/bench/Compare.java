package dev.livesync.bench;

import dev.livesync.bench.process.CountingProxy;
import dev.livesync.bench.process.Line;
import dev.livesync.bench.report.Samples;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The workloads of the comparison table. B reaches A through a proxy that counts: bytes are those of the TCP streams, from
 * the first of the HTTP upgrade until both sides have fallen silent.
 */
final class Compare {
    static final int LIVE_PUTS = 200;
    private static final long LIVE_MICROS = 20_000;
    private static final int DIFFERENT = 10;
    private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private static final String NAME = "documents";

    /** What came of one run through all four. */
    record Figures(
            long initNanos,
            long initBytes,
            long resyncBytes,
            long diffNanos,
            long diffBytes,
            Samples live,
            long liveBytes,
            long peakA,
            long peakB) {}

    private final ProcessPair pair;
    private final int documents;
    private final int batch;
    private final long seed;

    Compare(ProcessPair pair, int documents, int batch, long seed) {
        this.pair = pair;
        this.documents = documents;
        this.batch = batch;
        this.seed = seed;
    }

    Figures run(String storeA, String storeB) throws IOException {
        pair.a(Line.of("open").with("name", NAME).with("store", storeA));
        pair.b(Line.of("open").with("name", NAME).with("store", storeB));
        pair.a(fill(0, documents, batch));
        URI address = URI.create(pair.a(Line.of("serve").with("name", NAME)).text("address"));
        try (CountingProxy proxy = new CountingProxy(address.getPort())) {
            String through = address.toString().replace(":" + address.getPort(), ":" + proxy.port());
            long start = proxy.bytes();
            final long initNanos = sync(through);
            final long initBytes = quiet(proxy) - start;
            leave();

            start = quiet(proxy);
            sync(through);
            final long resyncBytes = quiet(proxy) - start;
            leave();

            pair.a(fill(documents, DIFFERENT, 1));
            pair.b(fill(documents + DIFFERENT, DIFFERENT, 1));
            start = quiet(proxy);
            final long diffNanos = sync(through);
            final long diffBytes = quiet(proxy) - start;
            pair.requireEqual(NAME, NAME);

            start = proxy.bytes();
            final Samples live = Live.paced(pair, NAME, NAME, documents + 2 * DIFFERENT, LIVE_PUTS, LIVE_MICROS, seed);
            final long liveBytes = quiet(proxy) - start;
            pair.requireEqual(NAME, NAME);
            return new Figures(
                    initNanos,
                    initBytes,
                    resyncBytes,
                    diffNanos,
                    diffBytes,
                    live,
                    liveBytes,
                    pair.a(Line.of("memory")).number("peak"),
                    pair.b(Line.of("memory")).number("peak"));
        }
    }

    private Line fill(int from, int count, int atOnce) {
        return Line.of("fill")
                .with("name", NAME)
                .with("from", from)
                .with("count", count)
                .with("revision", 0)
                .with("batch", atOnce)
                .with("seed", seed);
    }

    private long sync(String address) {
        return pair.b(Line.of("sync")
                        .with("name", NAME)
                        .with("address", address)
                        .with("stay", true))
                .number("nanos");
    }

    private void leave() {
        pair.b(Line.of("leave").with("name", NAME));
    }

    /** Waits until nothing passes any more; answers with all bytes so far. */
    private static long quiet(CountingProxy proxy) {
        long bytes = proxy.bytes();
        long since = System.nanoTime();
        while (System.nanoTime() - since < SILENCE_NANOS) {
            LockSupport.parkNanos(1_000_000);
            long now = proxy.bytes();
            if (now != bytes) {
                bytes = now;
                since = System.nanoTime();
            }
        }
        return bytes;
    }
}
