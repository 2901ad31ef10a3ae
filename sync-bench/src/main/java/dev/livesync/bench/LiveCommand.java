package dev.livesync.bench;

import dev.livesync.bench.report.Samples;
import dev.livesync.bench.report.Table;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Live updates: a flood without a stall, and how late single ones are. */
@Command(
        name = "live",
        description = "Small live messages over WebSocket between two processes. A stall is a failure.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class LiveCommand implements Callable<Integer> {
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

    @Option(names = "--jvm", paramLabel = "OPTION", description = "An option for both JVMs, repeatable.")
    private List<String> jvm = List.of("-Xmx2g");

    @Override
    public Integer call() throws Exception {
        Table floods = new Table("what", "messages", "per second", "longest silence ms");
        Samples delays;
        Live.Flood puts;
        try (Pair pair = new Pair(jvm)) {
            Live live = new Live(pair, Duration.ofSeconds(stall));
            System.err.println("channel: windows of 1, 8, 64 and 512 messages, there and back");
            floods.row(row("channel, each way", live.channel(messages, bytes)));
            live.connect();
            System.err.println("puts at a pace");
            delays = live.paced(0, paced, pace * 1_000L, 1);
            System.err.println("puts as fast as they go");
            puts = live.puts(messages, ids);
            floods.row(row("puts, A to B", puts));
        }
        System.out.println("Small live messages, no stall of " + stall + " s.\n");
        System.out.println(floods);
        System.out.println(format("The puts arrived in %,d commits.%n", puts.commits()));
        System.out.println(format("One put every %d ms, from put() at A to the listener at B:%n", pace));
        System.out.print(new Table("puts", "median ms", "p99 ms", "longest ms")
                .row(
                        format("%,d", delays.count()),
                        format("%.2f", delays.median()),
                        format("%.2f", delays.quantile(0.99)),
                        format("%.2f", delays.max())));
        return 0;
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
