package dev.livesync.bench;

import dev.livesync.bench.process.Line;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.workload.Documents;
import dev.livesync.bench.workload.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Initial sync against a bare loop: B dials, and the clock runs until it has everything. Both ways in the same two
 * processes, in turn, into fresh stores, so that whatever makes the machine slow makes both slow.
 */
final class Initial {
    /** One round. */
    record Round(long syncNanos, long bareNanos) {
        double ratio() {
            return (double) syncNanos / bareNanos;
        }
    }

    /** What came of a kind of store. */
    record Outcome(String store, int documents, long blocks, List<Round> rounds) {
        Samples sync() {
            return Samples.of(rounds.stream().map(Round::syncNanos).toList());
        }

        Samples bare() {
            return Samples.of(rounds.stream().map(Round::bareNanos).toList());
        }

        Samples ratios() {
            return Samples.of(rounds.stream().map(Round::ratio).toList());
        }
    }

    private final Pair pair;
    private final Scratch scratch;
    private final int documents;
    private final int batch;
    private final long seed;

    Initial(Pair pair, Scratch scratch, int documents, int batch, long seed) {
        this.pair = pair;
        this.scratch = scratch;
        this.documents = documents;
        this.batch = batch;
        this.seed = seed;
    }

    Outcome run(String store, int warmup, int rounds) throws IOException {
        String name = "source-" + store;
        pair.a(Line.of("open").with("name", name).with("store", place(store)));
        pair.a(Line.of("fill")
                .with("name", name)
                .with("from", 0)
                .with("count", documents)
                .with("revision", 0)
                .with("batch", batch)
                .with("seed", seed));
        String address = pair.a(Line.of("serve").with("name", name)).text("address");
        pair.a(Line.of("record").with("name", name));
        sync(store, name, address);
        String bareAddress = pair.a(Line.of("serve-cars").with("name", name)).text("address");
        List<Round> measured = new ArrayList<>();
        long blocks = 0;
        for (int i = 0; i < warmup + rounds; i++) {
            long sync = i % 2 == 0 ? sync(store, name, address) : 0;
            Line bare = bare(store, bareAddress);
            sync = i % 2 == 0 ? sync : sync(store, name, address);
            blocks = bare.number("blocks");
            if (i >= warmup) {
                measured.add(new Round(sync, bare.number("nanos")));
            }
        }
        pair.a(Line.of("close").with("name", name));
        return new Outcome(store, documents, blocks, measured);
    }

    private long sync(String store, String name, String address) throws IOException {
        String place = place(store);
        pair.b(Line.of("open").with("name", "target").with("store", place));
        long nanos = pair.b(Line.of("sync")
                        .with("name", "target")
                        .with("address", address)
                        .with("stay", false))
                .number("nanos");
        pair.requireEqual(name, "target");
        long arrived = pair.b(Line.of("summary").with("name", "target")).number("documents");
        if (arrived != documents) {
            throw new IllegalStateException(arrived + " of " + documents + " documents arrived");
        }
        pair.b(Line.of("close").with("name", "target"));
        Scratch.delete(Path.of(place));
        return nanos;
    }

    private Line bare(String store, String address) throws IOException {
        String place = place(store);
        Line bare = pair.b(Line.of("receive-cars").with("store", place).with("address", address));
        Scratch.delete(Path.of(place));
        return bare;
    }

    private String place(String store) {
        return store.equals("memory") ? store : scratch.next().toString();
    }

    /** How large the documents are, for reports. */
    static int documentBytes() {
        return Documents.USUAL_BYTES;
    }
}
