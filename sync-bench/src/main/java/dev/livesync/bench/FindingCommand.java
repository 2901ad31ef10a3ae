package dev.livesync.bench;

import dev.livesync.bench.report.Table;
import dev.livesync.bench.scale.Finding;
import dev.livesync.bench.scale.LiveResults;
import dev.livesync.bench.workload.Scratch;
import dev.livesync.database.Database;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Queries at a size. */
@Command(
        name = "query",
        description =
                "Queries of a database with very many documents, by an index and without, and what an index costs.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class FindingCommand implements Callable<Integer> {
    @Option(names = "--documents", paramLabel = "N", description = "How many there are.")
    private int documents = 1_000_000;

    @Option(names = "--queries", paramLabel = "N", description = "How many go by the index in each round.")
    private int queries = 1_000;

    @Option(names = "--puts", paramLabel = "N", description = "How many in each round and database.")
    private int puts = 5_000;

    @Option(names = "--rounds", paramLabel = "N", description = "Of what takes turns.")
    private int rounds = 5;

    @Option(names = "--seed", paramLabel = "N", description = "Of the documents.")
    private long seed = 1;

    @Option(names = "--folder", paramLabel = "DIR", description = "Where directories go.")
    private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    @Override
    public Integer call() throws Exception {
        Table table = new Table("what", "measured", "aim", "by the processor's time");
        try (Scratch scratch = new Scratch(folder)) {
            Finding finding = new Finding(documents, seed);
            finding.say(System.err::println);
            Path directory = scratch.next();
            Finding.Answers answers = finding.answers(directory, rounds, queries);
            row(
                    table,
                    "first result by a scan : by an index",
                    format("%.0f", answers.scan().clock() / answers.index().clock()),
                    "at least 100",
                    format("%.0f", answers.scan().processor() / answers.index().processor()));
            row(
                    table,
                    "first result by an index, after a put",
                    format("%.1f us", answers.index().clock()),
                    "",
                    format("%.1f us", answers.index().processor()));
            row(
                    table,
                    "opening with an index : without",
                    format("%.2f", answers.openingIndexed() / answers.opening()),
                    "",
                    "");
            row(table, "opening that makes the index", format("%.1f s", answers.making() / 1e6), "", "");
            row(table, "memory of the index for a document", format("%.0f bytes", answers.bytesEach()), "", "");
            Finding.Cost memory = finding.cost(null, rounds, puts);
            row(
                    table,
                    "what an index adds to a put, memory",
                    format("%.0f %%", 100 * (memory.clock() - 1)),
                    "at most 25 %",
                    format("%.0f %%", 100 * (memory.processor() - 1)));
            Finding.Cost disk = finding.cost(scratch, rounds, puts);
            row(
                    table,
                    "what an index adds to a put, directory",
                    format("%.0f %%", 100 * (disk.clock() - 1)),
                    "at most 25 %",
                    format("%.0f %%", 100 * (disk.processor() - 1)));
            live(table, "memory", null);
            live(table, "directory", scratch.next());
        }
        System.out.print(table);
        return 0;
    }

    private void live(Table table, String where, @Nullable Path directory) {
        System.err.println("a live query, " + where);
        try (Database database = directory == null ? Database.inMemory() : Database.open(directory)) {
            LiveResults live = new LiveResults(database, Math.max(1_000, documents / 10), seed);
            live.run(rounds, puts);
            DoubleUnaryOperator ratios = live.ratios();
            row(
                    table,
                    "a live query's update : a put, p99, " + where,
                    format("%.2f", ratios.applyAsDouble(0.99)),
                    "at most 2",
                    format("put %.0f us", live.put(0.99)));
            row(
                    table,
                    "the same, median, " + where,
                    format("%.2f", ratios.applyAsDouble(0.5)),
                    "",
                    format("put %.0f us", live.put(0.5)));
        }
    }

    private static void row(Table table, String what, String measured, String aim, String processor) {
        table.row(what, measured, aim, processor);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
