package dev.livesync.bench;

import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.report.Table;
import dev.livesync.bench.workload.Scratch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Live updates: a flood without a stall, and how late single ones are. */
@Command(
        name = "live",
        description = "Small live messages over WebSocket between two processes. A stall is a failure.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class LiveCommand implements Callable<Integer> {
    private static final int DOCUMENTS = 10_000;

    @Option(
            names = "--messages",
            paramLabel = "N",
            description = "How many, each way on the channel, and how many puts.")
    private long messages = 1_000_000;

    @Option(names = "--bytes", paramLabel = "N", description = "Size of a message on the channel.")
    private int bytes = 32;

    @Option(names = "--ids", paramLabel = "N", description = "Documents among which the puts go round.")
    private int ids = 100;

    @Option(names = "--paced", paramLabel = "N", description = "Single puts whose delay is measured.")
    private int paced = 1_000;

    @Option(names = "--pace", paramLabel = "MS", description = "Time between them.")
    private int pace = 10;

    @Option(names = "--stall", paramLabel = "S", description = "How long nothing may arrive.")
    private int stall = 10;

    @Option(
            names = "--beside",
            paramLabel = "CHECKOUT",
            description = {
                "Only this: what single puts cost this build and that of another checkout, in turns.",
                "Databases have 10,000 documents already; the other is built first where that is needed."
            })
    private @Nullable Path beside;

    @Option(names = "--store", paramLabel = "KIND", description = "With --beside: directory or memory.", split = ",")
    private List<String> stores = List.of("memory", "directory");

    @Option(names = "--puts", paramLabel = "N", description = "With --beside: single puts in a round.")
    private int puts = 200;

    @Option(names = "--warmup", paramLabel = "N", description = "With --beside: rounds that do not count.")
    private int warmup = 15;

    @Option(names = "--rounds", paramLabel = "N", description = "With --beside: rounds that count.")
    private int rounds = 15;

    @Option(names = "--jvm", paramLabel = "OPTION", description = "An option for both JVMs, repeatable.")
    private List<String> jvm = List.of("-Xmx2g");

    @Option(names = "--folder", paramLabel = "DIR", description = "With --beside: where directories go.")
    private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    @Override
    public Integer call() throws Exception {
        if (beside != null) {
            compare(beside);
            return 0;
        }
        Table floods = new Table("what", "messages", "per second", "longest silence ms");
        Samples delays;
        Live.Flood flood;
        ProcessPair.CpuTime cpu;
        try (ProcessPair pair = PeerCommand.pair(jvm)) {
            Live live = new Live(pair, Duration.ofSeconds(stall));
            System.err.println("channel: windows of 1, 8, 64 and 512 messages, there and back");
            floods.row(row("channel, each way", live.channel(messages, bytes)));
            live.connect();
            System.err.println("puts at a pace");
            ProcessPair.CpuTime before = pair.cpu();
            delays = live.paced(0, paced, pace * 1_000L, 1);
            cpu = pair.cpu().since(before);
            System.err.println("puts as fast as they go");
            flood = live.puts(messages, ids);
            floods.row(row("puts, A to B", flood));
        }
        System.out.println("Small live messages, no stall of " + stall + " s.\n");
        System.out.println(floods);
        System.out.println(format("The puts arrived in %,d commits.%n", flood.commits()));
        System.out.println(format("One put every %d ms, from put() at A to the listener at B:%n", pace));
        System.out.print(new Table("puts", "median ms", "p99 ms", "longest ms", "processors A µs", "B µs")
                .row(
                        format("%,d", delays.count()),
                        format("%.2f", delays.median()),
                        format("%.2f", delays.quantile(0.99)),
                        format("%.2f", delays.max()),
                        format("%.0f", cpu.a() / paced / 1e3),
                        format("%.0f", cpu.b() / paced / 1e3)));
        return 0;
    }

    private void compare(Path other) throws Exception {
        Table table = new Table("store", "build", "A µs", "B µs", "both µs", "delay ms", "ratio (quartiles)");
        for (String store : stores) {
            try (Scratch scratch = new Scratch(folder);
                    ProcessPair ours = PeerCommand.pair(jvm);
                    ProcessPair theirs = PeerCommand.pair(other, jvm)) {
                LiveComparison comparison = new LiveComparison(scratch, DOCUMENTS, puts, pace * 1_000L, 1);
                List<LiveComparison.Cost> these = comparison.add("this", ours, store);
                List<LiveComparison.Cost> those = comparison.add("that", theirs, store);
                comparison.run(warmup, rounds, System.err::println);
                Samples ratios = LiveComparison.ratios(these, those);
                table.row(costs(
                        store,
                        "this",
                        these,
                        format("%.2f (%.2f–%.2f)", ratios.median(), ratios.quantile(0.25), ratios.quantile(0.75))));
                table.row(costs(store, "that", those, ""));
            }
        }
        System.out.println("What a live put costs, from put() at A to the acknowledgement: medians of " + rounds
                + " rounds of " + puts + " puts, one every " + pace + " ms.");
        System.out.println("The ratio is this build's time of the processors at both ends by that of " + other + ".\n");
        System.out.print(table);
    }

    private static String[] costs(String store, String build, List<LiveComparison.Cost> costs, String ratio) {
        return new String[] {
            store,
            build,
            median("%.0f", costs, LiveComparison.Cost::atA),
            median("%.0f", costs, LiveComparison.Cost::atB),
            median("%.0f", costs, LiveComparison.Cost::atBoth),
            median("%.2f", costs, LiveComparison.Cost::delay),
            ratio
        };
    }

    private static String median(
            String format, List<LiveComparison.Cost> costs, Function<LiveComparison.Cost, Double> part) {
        return format(format, Samples.of(costs.stream().map(part).toList()).median());
    }

    private static String[] row(String what, Live.Flood flood) {
        return new String[] {
            what, format("%,d", flood.total()), format("%,.0f", flood.perSecond()), format("%,d", flood.silenceMillis())
        };
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
