package dev.livesync.bench;

import dev.livesync.bench.report.Samples;
import dev.livesync.bench.report.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Throughput over libp2p, as ratios. */
@Command(
        name = "throughput",
        description =
                "Large messages over libp2p: ours in turn with js-libp2p's, and with ChaCha20-Poly1305 on its own.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class ThroughputCommand implements Callable<Integer> {
    @Option(names = "--messages", paramLabel = "N", description = "How many messages a round.")
    private int messages = 1_600;

    @Option(names = "--bytes", paramLabel = "N", description = "Size of a message.")
    private int bytes = 65_536;

    @Option(names = "--warmup", paramLabel = "N", description = "Rounds that do not count.")
    private int warmup = 8;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds that count.")
    private int rounds = 15;

    @Option(names = "--js", paramLabel = "DIR", description = "Where js-libp2p's side is, after npm ci there.")
    private Path interop = Path.of("interop", "libp2p");

    @Option(names = "--only-ours", description = "Without js-libp2p.")
    private boolean onlyOurs;

    @Option(names = "--jvm", paramLabel = "OPTION", description = "An option for our JVMs, repeatable.")
    private List<String> jvm = List.of("-Xmx1g");

    @Override
    public Integer call() throws Exception {
        long total = (long) messages * bytes;
        System.err.println(warmup + " rounds to warm up, then " + rounds);
        Throughput.Outcome outcome;
        try (Throughput throughput = new Throughput(jvm, onlyOurs ? null : interop, total, bytes)) {
            outcome = throughput.run(warmup, rounds);
        }
        System.out.println(
                format("%,d messages of %,d bytes over libp2p; medians of %d rounds.%n", messages, bytes, rounds));
        Table table = new Table("who", "MB/s", "quartiles", "CPU ms sender", "receiver");
        table.row(row("ours", total, outcome, Throughput.Round::ours));
        if (!onlyOurs) {
            table.row(row("js-libp2p", total, outcome, round -> js(round)));
        }
        System.out.println(table);
        Table ratios = new Table("ratio", "median", "quartiles");
        if (!onlyOurs) {
            ratios.row(ratio(
                    "throughput, ours to js-libp2p's",
                    outcome.samples(
                            round -> (double) js(round).nanos() / round.ours().nanos())));
        }
        ratios.row(ratio(
                "CPU time, ours to the cipher's",
                outcome.samples(round -> (double) round.ours().cpu() / round.cipher())));
        System.out.println(ratios);
        System.out.println(format(
                "The cipher alone, both ways: %.0f ms of CPU time a round.",
                outcome.meanMillis(Throughput.Round::cipher)));
        return 0;
    }

    private static Throughput.Took js(Throughput.Round round) {
        return Objects.requireNonNull(round.js(), "js-libp2p took part");
    }

    private interface Side {
        Throughput.Took of(Throughput.Round round);
    }

    private static String[] row(String who, long bytes, Throughput.Outcome outcome, Side side) {
        ToDoubleFunction<Throughput.Round> rate =
                round -> bytes / 1e6 / (side.of(round).nanos() / 1e9);
        Samples rates = outcome.samples(rate);
        return new String[] {
            who,
            format("%.0f", rates.median()),
            quartiles("%.0f", rates),
            format("%.0f", outcome.meanMillis(round -> side.of(round).cpuSender())),
            format("%.0f", outcome.meanMillis(round -> side.of(round).cpuReceiver()))
        };
    }

    private static String[] ratio(String what, Samples samples) {
        return new String[] {what, format("%.2f", samples.median()), quartiles("%.2f", samples)};
    }

    private static String quartiles(String figure, Samples samples) {
        return format(figure + "-" + figure, samples.quantile(0.25), samples.quantile(0.75));
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
