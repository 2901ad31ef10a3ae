package dev.livesync.bench;

import dev.livesync.bench.report.Samples;
import dev.livesync.bench.report.Table;
import dev.livesync.bench.workload.Scratch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The workloads of the comparison table. */
@Command(
        name = "compare",
        description = "init, resync, diff and live between two fresh processes, every TCP byte counted.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class CompareCommand implements Callable<Integer> {
    @Option(names = "--documents", paramLabel = "N", description = "How many documents A has.")
    private int documents = 10_000;

    @Option(names = "--batch", paramLabel = "N", description = "How many of them A wrote at once.")
    private int batch = 100;

    @Option(names = "--rounds", paramLabel = "N", description = "Each in processes of its own; medians are printed.")
    private int rounds = 3;

    @Option(names = "--store", paramLabel = "KIND", description = "directory or memory.", split = ",")
    private List<String> stores = List.of("directory", "memory");

    @Option(names = "--seed", paramLabel = "N", description = "Of the documents.")
    private long seed = 1;

    @Option(names = "--folder", paramLabel = "DIR", description = "Where directories go.")
    private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--jvm", paramLabel = "OPTION", description = "An option for both JVMs, repeatable.")
    private List<String> jvm = List.of("-Xmx256m");

    @Override
    public Integer call() throws Exception {
        Table table = new Table(
                "system",
                "N",
                "init docs/s",
                "init B/doc",
                "peak RSS A/B MB",
                "resync B",
                "diff B",
                "diff ms",
                "live med/p99 ms",
                "live B/doc");
        for (String store : stores) {
            List<Compare.Figures> all = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                System.err.println("LiveSync, " + store + ", round " + (i + 1) + " of " + rounds);
                try (Scratch scratch = new Scratch(folder);
                        ProcessPair pair = new ProcessPair(jvm)) {
                    all.add(new Compare(pair, documents, batch, seed + i)
                            .run(place(store, scratch), place(store, scratch)));
                }
            }
            table.row(
                    "LiveSync, " + store,
                    format("%,d", documents),
                    format("%,.0f", documents / (median(all, Compare.Figures::initNanos) / 1e9)),
                    format("%,.0f", median(all, Compare.Figures::initBytes) / documents),
                    format(
                            "%.0f/%.0f",
                            median(all, Compare.Figures::peakA) / 1e6, median(all, Compare.Figures::peakB) / 1e6),
                    format("%,.0f", median(all, Compare.Figures::resyncBytes)),
                    format("%,.0f", median(all, Compare.Figures::diffBytes)),
                    format("%.1f", median(all, Compare.Figures::diffNanos) / 1e6),
                    format(
                            "%.2f/%.1f",
                            median(all, figures -> figures.live().median()),
                            median(all, figures -> figures.live().quantile(0.99))),
                    format("%,.0f", median(all, Compare.Figures::liveBytes) / Compare.LIVE_PUTS));
        }
        System.out.print(table);
        return 0;
    }

    private static String place(String store, Scratch scratch) {
        return store.equals("memory") ? store : scratch.next().toString();
    }

    private static double median(List<Compare.Figures> all, ToDoubleFunction<Compare.Figures> figure) {
        return Samples.of(all.stream().mapToDouble(figure).toArray()).median();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
