package dev.livesync.bench;

import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.bench.workload.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Initial sync against a bare loop: B dials, and the clock runs until it has everything. Both ways in the same two
 * processes, in turn, into fresh stores, so that whatever makes the machine slow makes both slow. The same sync without seals takes its turn,
 * too.
 */
final class Initial {
    /** One way to get everything, once: how long it took, and how much of the processors' time at A and at B. */
    record Took(long nanos, long cpuA, long cpuB, long blocks) {}

    /** One round. */
    record Round(Took sync, Took unsealed, Took bare) {
        double ratio() {
            return (double) sync.nanos / bare.nanos;
        }

        double seals() {
            return (double) sync.nanos / unsealed.nanos;
        }
    }

    /** What came of a kind of store. */
    record Outcome(int documents, List<Round> rounds) {
        /** The median of a time, in milliseconds. */
        double median(ToDoubleFunction<Round> nanos) {
            return Samples.of(rounds.stream().mapToDouble(nanos).toArray()).median() / 1e6;
        }

        /** The least of a time, in milliseconds: the quietest moment. */
        double least(ToDoubleFunction<Round> nanos) {
            return rounds.stream().mapToDouble(nanos).min().orElseThrow() / 1e6;
        }

        /** The mean of a processor's time, in milliseconds: its clock is too coarse for medians. */
        double mean(ToDoubleFunction<Round> nanos) {
            return rounds.stream().mapToDouble(nanos).average().orElseThrow() / 1e6;
        }

        Samples ratios() {
            return Samples.of(rounds.stream().map(Round::ratio).toList());
        }

        /** What sealing costs: 1 is nothing. */
        Samples seals() {
            return Samples.of(rounds.stream().map(Round::seals).toList());
        }
    }

    private final ProcessPair pair;
    private final Scratch scratch;
    private final int documents;
    private final int batch;
    private final long seed;

    Initial(ProcessPair pair, Scratch scratch, int documents, int batch, long seed) {
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
        sync(store, name, address, true); // what is recorded is what is under the seals
        String bareAddress = pair.a(Line.of("serve-cars").with("name", name)).text("address");
        List<Round> measured = new ArrayList<>();
        for (int i = 0; i < warmup + rounds; i++) {
            @Nullable Took bare = i % 2 == 0 ? null : bare(store, bareAddress);
            @Nullable Took unsealed = i % 4 < 2 ? null : sync(store, name, address, true);
            Took sync = sync(store, name, address, false);
            unsealed = unsealed == null ? sync(store, name, address, true) : unsealed;
            bare = bare == null ? bare(store, bareAddress) : bare;
            if (i >= warmup) {
                measured.add(new Round(sync, unsealed, bare));
            }
        }
        pair.a(Line.of("close").with("name", name));
        return new Outcome(documents, measured);
    }

    private Took sync(String store, String name, String address, boolean unsealed) throws IOException {
        String place = place(store);
        pair.b(Line.of("open").with("name", "target").with("store", place));
        String seals = unsealed ? "unsealed" : "sealed";
        pair.a(Line.of(seals).with("name", name));
        pair.b(Line.of(seals).with("name", "target"));
        long cpuA = cpuA();
        long cpuB = cpuB();
        long nanos = pair.b(Line.of("sync")
                        .with("name", "target")
                        .with("address", address)
                        .with("stay", false))
                .number("nanos");
        cpuA = cpuA() - cpuA;
        cpuB = cpuB() - cpuB;
        pair.requireEqual(name, "target");
        Line summary = pair.b(Line.of("summary").with("name", "target"));
        if (summary.number("documents") != documents) {
            throw new IllegalStateException(summary.number("documents") + " of " + documents + " documents arrived");
        }
        pair.b(Line.of("close").with("name", "target"));
        Scratch.delete(Path.of(place));
        return new Took(nanos, cpuA, cpuB, summary.number("events"));
    }

    private Took bare(String store, String address) throws IOException {
        String place = place(store);
        long cpuA = cpuA();
        long cpuB = cpuB();
        Line bare = pair.b(Line.of("receive-cars").with("store", place).with("address", address));
        cpuA = cpuA() - cpuA;
        cpuB = cpuB() - cpuB;
        Scratch.delete(Path.of(place));
        return new Took(bare.number("nanos"), cpuA, cpuB, bare.number("blocks"));
    }

    private long cpuA() {
        return pair.a(Line.of("cpu")).number("nanos");
    }

    private long cpuB() {
        return pair.b(Line.of("cpu")).number("nanos");
    }

    private String place(String store) {
        return store.equals("memory") ? store : scratch.next().toString();
    }

    /** How large the documents are, for reports. */
    static int documentBytes() {
        return SampleDocuments.USUAL_BYTES;
    }
}
