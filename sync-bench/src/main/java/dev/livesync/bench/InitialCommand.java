package dev.livesync.bench;

import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.report.Table;
import dev.livesync.bench.workload.Scratch;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Initial sync, as a ratio. */
@Command(
        name = "initial",
        description =
                "Initial sync over WebSocket between two processes, against a bare loop that receives the same packs.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class InitialCommand implements Callable<Integer> {
    @Option(names = "--documents", paramLabel = "N", description = "How many documents A has.")
    private int documents = 10_000;

    @Option(names = "--batch", paramLabel = "N", description = "How many of them A wrote at once.")
    private int batch = 100;

    @Option(names = "--warmup", paramLabel = "N", description = "Rounds that do not count.")
    private int warmup = 10;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds that count.")
    private int rounds = 15;

    @Option(names = "--seed", paramLabel = "N", description = "Of the documents.")
    private long seed = 1;

    @Option(names = "--store", paramLabel = "KIND", description = "directory or memory.", split = ",")
    private List<String> stores = List.of("directory", "memory");

    @Option(names = "--folder", paramLabel = "DIR", description = "Where directories go.")
    private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--jvm", paramLabel = "OPTION", description = "An option for both JVMs, repeatable.")
    private List<String> jvm = List.of("-Xmx1g");

    @Option(names = "--at-most", paramLabel = "RATIO", description = "Fail if a median ratio is above.")
    private @Nullable Double atMost;

    @Override
    public Integer call() throws Exception {
        Table table = new Table(
                "store",
                "ratio",
                "quartiles",
                "sealed/not",
                "quartiles",
                "sync ms",
                "least",
                "bare ms",
                "least",
                "CPU sync",
                "CPU unsealed",
                "CPU bare");
        boolean passed = true;
        try (Scratch scratch = new Scratch(folder);
                ProcessPair pair = PeerCommand.pair(jvm)) {
            for (String store : stores) {
                System.err.println(store + ": " + warmup + " rounds to warm up, then " + rounds);
                Initial.Outcome outcome = new Initial(pair, scratch, documents, batch, seed).run(store, warmup, rounds);
                Samples ratios = outcome.ratios();
                passed &= atMost == null || ratios.median() <= atMost;
                table.row(
                        store,
                        format("%.2f", ratios.median()),
                        format("%.2f-%.2f", ratios.quantile(0.25), ratios.quantile(0.75)),
                        format("%.2f", outcome.seals().median()),
                        format(
                                "%.2f-%.2f",
                                outcome.seals().quantile(0.25), outcome.seals().quantile(0.75)),
                        format("%.1f", outcome.median(round -> round.sync().nanos())),
                        format("%.1f", outcome.least(round -> round.sync().nanos())),
                        format("%.1f", outcome.median(round -> round.bare().nanos())),
                        format("%.1f", outcome.least(round -> round.bare().nanos())),
                        format(
                                "%.1f+%.1f",
                                outcome.mean(round -> round.sync().cpuA()),
                                outcome.mean(round -> round.sync().cpuB())),
                        format(
                                "%.1f+%.1f",
                                outcome.mean(round -> round.unsealed().cpuA()),
                                outcome.mean(round -> round.unsealed().cpuB())),
                        format(
                                "%.1f+%.1f",
                                outcome.mean(round -> round.bare().cpuA()),
                                outcome.mean(round -> round.bare().cpuB())));
            }
        }
        System.out.println(format(
                "Initial sync of %,d documents of %d bytes, written %d at a time; medians of %d rounds; CPU in ms at A+B.%n",
                documents, Initial.documentBytes(), batch, rounds));
        System.out.print(table);
        if (!passed) {
            System.err.println("a ratio is above " + atMost);
        }
        return passed ? 0 : 1;
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
