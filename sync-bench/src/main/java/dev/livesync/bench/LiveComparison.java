package dev.livesync.bench;

import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.workload.Scratch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Single live puts of two builds or more, in turns: each has its two processes and its two databases for the whole run, and the order in a
 * round moves on with each round. What counts is the processors' time of a put, whatever else the machine has to do.
 */
final class LiveComparison {
    /** What one put took in one round: at A and at B, in microseconds of the processors; and how late it was, in milliseconds. */
    record Cost(double atA, double atB, double delay) {
        double atBoth() {
            return atA + atB;
        }
    }

    private static final int WARM_UP = 10;

    private static final String NAME = "live";

    private static final class Entry {
        private final String name;
        private final ProcessPair pair;
        private final List<Cost> costs = new ArrayList<>();

        Entry(String name, ProcessPair pair) {
            this.name = name;
            this.pair = pair;
        }
    }

    private final Scratch scratch;
    private final int documents;
    private final int puts;
    private final long micros;
    private final long seed;
    private final List<Entry> entries = new ArrayList<>();

    /** Of databases that have so many documents already; each round edits some of them, so far apart. */
    LiveComparison(Scratch scratch, int documents, int puts, long micros, long seed) {
        this.scratch = scratch;
        this.documents = documents;
        this.puts = puts;
        this.micros = micros;
        this.seed = seed;
    }

    /** Adds a build: fills A, and connects B. Answers with what its puts will have cost. */
    List<Cost> add(String name, ProcessPair pair, String store) {
        pair.a(Line.of("open").with("name", NAME).with("store", place(store)));
        pair.b(Line.of("open").with("name", NAME).with("store", place(store)));
        pair.a(Line.of("fill")
                .with("name", NAME)
                .with("from", 0)
                .with("count", documents)
                .with("revision", 0)
                .with("batch", 100)
                .with("seed", seed));
        String address = pair.a(Line.of("serve").with("name", NAME)).text("address");
        pair.b(Line.of("sync").with("name", NAME).with("address", address).with("stay", true));
        pair.requireEqual(NAME, NAME);
        Entry entry = new Entry(name, pair);
        entries.add(entry);
        return entry.costs;
    }

    private String place(String store) {
        return store.equals("memory") ? store : scratch.next().toString();
    }

    /** Runs the rounds; the first do not count: they edit ten times as many, ten times as fast. */
    void run(int warmup, int rounds, Consumer<String> progress) {
        List<Entry> order = new ArrayList<>(entries);
        for (int round = 0; round < warmup + rounds; round++) {
            List<String> said = new ArrayList<>();
            for (Entry entry : order) {
                boolean warm = round >= warmup;
                Cost cost =
                        warm ? turn(entry, puts, micros, round) : turn(entry, WARM_UP * puts, micros / WARM_UP, round);
                if (warm) {
                    entry.costs.add(cost);
                }
                said.add(String.format(Locale.ROOT, "%s %.0f + %.0f µs", entry.name, cost.atA, cost.atB));
            }
            Collections.rotate(order, 1);
            progress.accept((round < warmup ? "warming up: " : "round " + (round - warmup + 1) + ": ")
                    + String.join("; ", said));
        }
        for (Entry entry : entries) {
            entry.pair.requireEqual(NAME, NAME);
        }
    }

    /** Edits some of the documents that are there: the databases keep their size. */
    private Cost turn(Entry entry, int wanted, long every, int round) {
        int count = Math.min(wanted, documents);
        int from = (int) ((long) round * count % (documents - count + 1));
        ProcessPair.CpuTime before = entry.pair.cpu();
        Samples delays = Live.paced(entry.pair, NAME, NAME, from, count, every, seed + 1 + round);
        ProcessPair.CpuTime used = entry.pair.cpu().since(before);
        return new Cost(used.a() / count / 1e3, used.b() / count / 1e3, delays.median());
    }

    /** One build's costs by another's, round by round. */
    static Samples ratios(List<Cost> these, List<Cost> those) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < these.size(); i++) {
            ratios.add(these.get(i).atBoth() / those.get(i).atBoth());
        }
        return Samples.of(ratios);
    }
}
