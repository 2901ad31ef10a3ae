package dev.livesync.bench;

import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.report.Table;
import dev.livesync.bench.scale.Batches;
import dev.livesync.bench.scale.Delays;
import dev.livesync.bench.scale.Histories;
import dev.livesync.bench.scale.Hostile;
import dev.livesync.bench.scale.Opening;
import dev.livesync.bench.scale.Pauses;
import dev.livesync.bench.scale.Rates;
import dev.livesync.bench.scale.Superseded;
import dev.livesync.bench.workload.Scratch;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The embedded database at a size. */
@Command(
        name = "database",
        description = "A database with very many documents: what it costs, as ratios within this run.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class DatabaseCommand implements Callable<Integer> {
    private static final String NAME = "documents";

    @Option(names = "--documents", paramLabel = "N", description = "How many the large database has.")
    private int documents = 1_000_000;

    @Option(names = "--events", paramLabel = "N", description = "How many the long histories have.")
    private int events = 100_000;

    @Option(names = "--batch", paramLabel = "N", description = "How many documents a batch puts.")
    private int batch = 1_000;

    @Option(names = "--rounds", paramLabel = "N", description = "Of what takes turns.")
    private int rounds = 3;

    @Option(
            names = "--only",
            paramLabel = "PART",
            split = ",",
            description = "opening, rates, batches, compaction, pauses, histories, hostile, sync.")
    private Set<String> only =
            Set.of("opening", "rates", "batches", "compaction", "pauses", "histories", "hostile", "sync");

    @Option(names = "--heap", paramLabel = "SIZE", description = "Of the process that others sync from.")
    private String heap = "512m";

    @Option(names = "--seed", paramLabel = "N", description = "Of the documents.")
    private long seed = 1;

    @Option(names = "--folder", paramLabel = "DIR", description = "Where directories go.")
    private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    private final Table table = new Table("what", "measured", "aim", "by the processor's time");

    @Override
    public Integer call() throws Exception {
        try (Scratch scratch = new Scratch(folder)) {
            Path large = scratch.next();
            if (only.contains("opening") || only.contains("rates") || only.contains("sync")) {
                fill(large, documents);
            }
            if (only.contains("opening")) {
                opening(large);
            }
            if (only.contains("sync")) {
                sync(large, scratch.next());
            }
            if (only.contains("rates")) {
                rates(large, scratch.next());
            }
            if (only.contains("batches")) {
                say("batches");
                double ratio = new Batches(scratch, documents / 10, batch, seed)
                        .run(rounds)
                        .median();
                row("batched puts, directory : memory", format("%.2f", ratio), "at least 0.5", "");
            }
            if (only.contains("compaction")) {
                compaction(scratch.next());
            }
            if (only.contains("pauses")) {
                pauses(scratch.next());
            }
            if (only.contains("hostile")) {
                hostile(new Hostile(rounds));
            }
            if (only.contains("histories")) {
                histories("memory", new Histories(Database::inMemory, seed));
                histories("directory", new Histories(() -> Database.open(scratch.next()), seed));
            }
        }
        System.out.print(table);
        return 0;
    }

    private void fill(Path directory, int count) {
        say(format("filling %,d", count));
        try (Database database = Database.open(directory)) {
            Opening.fill(database, count, batch, seed);
        }
    }

    private void opening(Path directory) throws IOException {
        say("opening");
        Opening.Figures figures = new Opening(directory, documents).run(rounds);
        row(
                "opening : full scan",
                format("1 : %.0f", figures.scans().median() / figures.openings().median()),
                "at most 1 : 20",
                format(
                        "1 : %.0f",
                        figures.scansProcessor().median()
                                / figures.openingsProcessor().median()));
    }

    private void rates(Path large, Path small) {
        fill(small, documents / 100);
        say("gets and puts");
        try (Database many = Database.open(large);
                Database few = Database.open(small)) {
            Rates.Figures figures = new Rates(many, documents, few, documents / 100, seed).run(rounds, 5_000, 300);
            String than = format(", %,d : %,d documents", documents, documents / 100);
            row(
                    "a random get" + than,
                    format("%.2f", figures.gets()),
                    "at most 3",
                    format("%.2f", figures.getsProcessor()));
            row(
                    "a random put" + than,
                    format("%.2f", figures.puts()),
                    "at most 3",
                    format("%.2f", figures.putsProcessor()));
        }
    }

    private void compaction(Path directory) {
        fill(directory, documents / 10);
        say("compaction");
        try (Database database = Database.open(directory)) {
            Superseded.Figures figures = new Superseded(database).run(documents / 10, documents / 100, seed);
            row(
                    format("compaction returns, of %.0f MB superseded", figures.superseded() / 1e6),
                    format("%.0f %%", 100.0 * figures.returned() / figures.superseded()),
                    "at least 80 %",
                    "");
        }
    }

    private void pauses(Path directory) {
        fill(directory, documents / 10);
        say("pauses");
        Pauses.Figures figures =
                new Pauses(directory, documents / 10, DatabaseOptions.defaults()).run(rounds, 50_000, seed);
        say(format(
                "%,d puts, %,d of them beside %d runs of maintenance; median %.0f us, beside it %.0f us, p99.9 %.0f us, "
                        + "worst %.0f us; worst of the others %.0f us",
                figures.all().count(),
                figures.beside().count(),
                figures.runs(),
                figures.all().median(),
                figures.beside().median(),
                figures.beside().quantile(0.999),
                figures.beside().max(),
                figures.apart().max()));
        row(
                format("worst put beside compaction, %,d documents : median put", documents / 10),
                format("%.1f", figures.worst()),
                "at most 50",
                "");
    }

    private void hostile(Hostile hostile) {
        say("what peers send");
        ratio(format("%,d deletes in batches : as many puts", events), hostile.ownDeletes(events), "at most 3");
        ratio(
                format("a batch of %,d deletes from a peer : of as many puts", events),
                hostile.peersDeletes(events),
                "at most 3");
        String growth = format(", %,d : %,d", events, events / 10);
        ratio("branches on one document" + growth, hostile.branches(events), "below 15");
        ratio("a chain that comes backwards" + growth, hostile.backwards(events), "below 15");
    }

    private void ratio(String what, Hostile.Ratio ratio, String aim) {
        row(what, format("%.2f", ratio.clock()), aim, format("%.2f", ratio.processor()));
    }

    private void histories(String store, Histories histories) {
        say("histories, " + store);
        histories.linear(Math.min(events, 10_000)); // warm-up
        Histories.Figures linear = histories.linear(events);
        Delays median = linear.puts();
        delays(store + ": p99 of a put, linear", median, median);
        Histories.Figures writers = histories.twoNeverInStep(events);
        delays(store + ": p99 of a put, two writers never in step", writers.puts(), median);
        delays(store + ": p99 of an arrival, the same", writers.arrivals(), median);
        get(store + ": a get, the same", writers, linear);
        Histories.Figures branches = histories.branches(2_000, 2_000);
        delays(store + ": p99 of a put, 2,000 branches", branches.puts(), median);
        delays(store + ": p99 of an arrival, the same", branches.arrivals(), median);
        get(store + ": a get, the same", branches, linear);
        Histories.Figures diamonds = histories.diamonds(10_000);
        delays(store + ": p99 of a put, 10,000 diamonds", diamonds.puts(), median);
        get(store + ": a get, the same", diamonds, linear);
    }

    private void delays(String what, Delays delays, Delays linear) {
        row(
                what + " : median, linear",
                format("%.1f", p99(delays.clock()) / linear.clock().median()),
                "at most 20",
                format("%.1f", p99(delays.processor()) / linear.processor().median()));
    }

    private static double p99(Samples samples) {
        return samples.quantile(0.99);
    }

    private void get(String what, Histories.Figures figures, Histories.Figures linear) {
        row(
                what + " : linear",
                format(
                        "%.2f",
                        figures.gets().clock().median() / linear.gets().clock().median()),
                "",
                format(
                        "%.2f",
                        figures.gets().processor().median()
                                / linear.gets().processor().median()));
    }

    /** Both have so much heap and no more; without room for what a million documents take, one of them fails. */
    private void sync(Path directory, Path target) throws IOException {
        say("sync with -Xmx" + heap);
        List<String> options = List.of("-Xmx" + heap, "-XX:+ExitOnOutOfMemoryError");
        try (ProcessPair pair = PeerCommand.pair(options)) {
            pair.a(Line.of("open").with("name", NAME).with("store", directory.toString()));
            pair.b(Line.of("open").with("name", NAME).with("store", target.toString()));
            String address = pair.a(Line.of("serve").with("name", NAME)).text("address");
            pair.b(Line.of("sync").with("name", NAME).with("address", address).with("stay", false));
            pair.requireEqual(NAME, NAME);
            for (String side : List.of("serving", "receiving")) {
                Line heapOf = Line.of("heap");
                Line answer = side.equals("serving") ? pair.a(heapOf) : pair.b(heapOf);
                row(
                        format("sync of %,d documents, heap in use, %s", documents, side),
                        format("%.0f MB", answer.number("live") / 1e6),
                        "-Xmx" + heap,
                        "");
            }
        }
    }

    private void row(String what, String measured, String aim, String processor) {
        table.row(what, measured, aim, processor);
        say(what + "  " + measured + "  " + processor);
    }

    private static void say(String what) {
        System.err.println(what);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
