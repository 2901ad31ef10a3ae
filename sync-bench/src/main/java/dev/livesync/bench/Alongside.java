package dev.livesync.bench;

import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.bench.workload.Scratch;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * LiveSync and others, in turns: a fresh B gets all documents from A, then leaves and comes back although nothing is new. Each system has its two
 * processes for the whole run, so that all are warm, and the order in a round moves on with each round.
 */
final class Alongside {
    private static final String SOURCE = "source";
    private static final String TARGET = "target";

    /** JavaScript is warm sooner than Java, and some of these take minutes for a round. */
    private static final int MOST_WARM_UPS_OF_OTHERS = 3;

    /** One sync: how long it took, and how much of the processors' time at both sides. */
    record Took(double nanos, double cpuNanos) {}

    /** What a system took in the rounds that count. */
    record Times(List<Took> initial, List<Took> again) {
        private Times() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        /** How many times longer it took than another, round by round. */
        Samples initialOver(Times other) {
            return ratios(initial, other.initial);
        }

        /** The same of coming back. */
        Samples againOver(Times other) {
            return ratios(again, other.again);
        }

        private static Samples ratios(List<Took> these, List<Took> those) {
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < these.size(); i++) {
                ratios.add(these.get(i).nanos / those.get(i).nanos);
            }
            return Samples.of(ratios);
        }

        /** How long some took. */
        static Samples nanos(List<Took> some) {
            return Samples.of(some.stream().map(Took::nanos).toList());
        }

        /** How much of the processors' time. */
        static Samples cpuNanos(List<Took> some) {
            return Samples.of(some.stream().map(Took::cpuNanos).toList());
        }
    }

    /** One that takes part: its two processes, and where LiveSync's databases go. */
    private record Entry(String name, ProcessPair pair, String store, int warmUps, Times times) {}

    private final Scratch scratch;
    private final int documents;
    private final int batch;
    private final long seed;
    private final List<Entry> entries = new ArrayList<>();

    Alongside(Scratch scratch, int documents, int batch, long seed) {
        this.scratch = scratch;
        this.documents = documents;
        this.batch = batch;
        this.seed = seed;
    }

    /** Adds LiveSync; answers with what it will have taken. */
    Times liveSync(ProcessPair pair, String store) {
        pair.a(Line.of("open").with("name", SOURCE).with("store", place(store)));
        pair.a(Line.of("fill")
                .with("name", SOURCE)
                .with("from", 0)
                .with("count", documents)
                .with("revision", 0)
                .with("batch", batch)
                .with("seed", seed));
        return add(new Entry("LiveSync, " + store, pair, store, Integer.MAX_VALUE, new Times()));
    }

    /** Adds another system, with the same documents. */
    Times other(String name, ProcessPair pair) throws IOException {
        Path file = scratch.next();
        SampleDocuments all = new SampleDocuments(seed);
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < documents; i++) {
                out.write("[\"" + SampleDocuments.id(i) + "\"," + all.json(i) + "]\n");
            }
        }
        pair.a(Line.of("open").with("name", SOURCE));
        pair.a(Line.of("load").with("name", SOURCE).with("file", file).with("batch", batch));
        Files.delete(file);
        return add(new Entry(name, pair, "memory", MOST_WARM_UPS_OF_OTHERS, new Times()));
    }

    private Times add(Entry entry) {
        entries.add(entry);
        return entry.times;
    }

    /**
     * Runs the rounds.
     *
     * @param time when it is over no further round starts, as long as one has counted; warming up gets a third of it
     * @param progress takes a line after each round
     */
    void run(int warmup, int rounds, Duration time, Consumer<String> progress) throws IOException {
        List<String> addresses = new ArrayList<>();
        for (Entry entry : entries) {
            addresses.add(entry.pair.a(Line.of("serve").with("name", SOURCE)).text("address"));
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            order.add(i);
        }
        long start = System.nanoTime();
        boolean warm = warmup == 0;
        int counted = 0;
        for (int round = 1; counted < rounds; round++) {
            List<String> said = new ArrayList<>();
            for (int i : order) {
                if (warm || round <= entries.get(i).warmUps) {
                    said.add(turn(entries.get(i), addresses.get(i), warm));
                }
            }
            Collections.rotate(order, 1);
            counted += warm ? 1 : 0;
            progress.accept(
                    (warm ? "round " + counted : "warming up, round " + round) + ": " + String.join("; ", said));
            long spent = System.nanoTime() - start;
            warm |= round >= warmup || spent > time.toNanos() / 3;
            if (counted > 0 && spent > time.toNanos()) {
                break;
            }
        }
        for (Entry entry : entries) {
            entry.pair.a(Line.of("close").with("name", SOURCE));
        }
    }

    private String turn(Entry entry, String address, boolean counts) throws IOException {
        ProcessPair pair = entry.pair;
        String place = place(entry.store);
        pair.b(Line.of("open").with("name", TARGET).with("store", place));
        Took initial = sync(pair, address);
        Took again = sync(pair, address);
        if (counts) {
            entry.times.initial.add(initial);
            entry.times.again.add(again);
        }
        long arrived = pair.b(Line.of("summary").with("name", TARGET)).number("documents");
        if (arrived != documents) {
            throw new IllegalStateException(arrived + " of " + documents + " documents arrived");
        }
        pair.b(Line.of("close").with("name", TARGET));
        if (entry.store.equals("directory")) {
            Scratch.delete(Path.of(place));
        }
        return String.format(Locale.ROOT, "%s %.1f + %.1f ms", entry.name, initial.nanos / 1e6, again.nanos / 1e6);
    }

    private static Took sync(ProcessPair pair, String address) {
        double cpu = cpuNanos(pair);
        long nanos = pair.b(Line.of("sync")
                        .with("name", TARGET)
                        .with("address", address)
                        .with("stay", false))
                .number("nanos");
        pair.a(Line.of("leave").with("name", SOURCE));
        cpu = cpuNanos(pair) - cpu;
        pair.requireEqual(SOURCE, TARGET);
        return new Took(nanos, cpu);
    }

    private static double cpuNanos(ProcessPair pair) {
        return pair.cpu().both();
    }

    private String place(String store) {
        return store.equals("memory") ? store : scratch.next().toString();
    }
}
