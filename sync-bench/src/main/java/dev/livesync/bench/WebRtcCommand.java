package dev.livesync.bench;

import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Throughput over WebRTC, as a share of what the library alone carries. */
@Command(
        name = "webrtc",
        description = "Messages over WebRTC between two processes, against a bare data channel of the same library.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class WebRtcCommand implements Callable<Integer> {
    @Option(names = "--messages", paramLabel = "N", description = "Messages each time.")
    private int messages = 1_000;

    @Option(names = "--bytes", paramLabel = "N", description = "The size of each.")
    private int bytes = 65_536;

    @Option(names = "--warmup", paramLabel = "N", description = "Rounds that do not count.")
    private int warmup = 2;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds that count.")
    private int rounds = 15;

    @Option(names = "--jvm", paramLabel = "OPTION", description = "An option for both JVMs, repeatable.")
    private List<String> jvm = List.of("-Xmx256m");

    @Option(names = "--at-least", paramLabel = "RATIO", description = "Fail if the median ratio is below.")
    private @Nullable Double atLeast;

    @Override
    public Integer call() throws Exception {
        List<String> options = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
        options.addAll(jvm);
        WebRtcThroughput.Outcome outcome;
        try (ProcessPair pair = PeerCommand.pair(options)) {
            outcome = new WebRtcThroughput(pair, messages, bytes).run(warmup, rounds);
        }
        Samples ratios = outcome.ratios();
        System.out.println(format(
                "%,d messages of %,d bytes over WebRTC, from A to B; medians of %d rounds.%n",
                messages, bytes, rounds));
        System.out.print(new Table("ratio", "quartiles", "our channel MB/s", "bare MB/s")
                .row(
                        format("%.2f", ratios.median()),
                        format("%.2f-%.2f", ratios.quantile(0.25), ratios.quantile(0.75)),
                        format("%.1f", outcome.megabytes(WebRtcThroughput.Round::own)),
                        format("%.1f", outcome.megabytes(WebRtcThroughput.Round::bare))));
        boolean passed = atLeast == null || ratios.median() >= atLeast;
        if (!passed) {
            System.err.println("the ratio is below " + atLeast);
        }
        return passed ? 0 : 1;
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
