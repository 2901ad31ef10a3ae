package dev.livesync.bench;

import dev.livesync.bench.many.DelayCounts;
import dev.livesync.bench.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Many sessions on one hub: memory, threads, and how late what the hub writes is at all of them. */
@Command(
        name = "many",
        description = {
            "Hundreds of sessions on one hub, over WebSocket: memory and threads, and how late each put is at all of them,",
            "also beside a session that has stopped reading. All have to be equal in the end."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class ManyCommand implements Callable<Integer> {
    @Option(names = "--sessions", paramLabel = "N", description = "How many.")
    private int sessions = 500;

    @Option(
            names = "--databases",
            paramLabel = "N",
            description = "How many of them have a database; the others keep CIDs.")
    private int databases = 8;

    @Option(names = "--processes", paramLabel = "N", description = "In which sessions are.")
    private int processes = 2;

    @Option(names = "--documents", paramLabel = "N", description = "What the hub has at first.")
    private int documents = 10_000;

    @Option(names = "--rate", paramLabel = "N", description = "Puts a second.")
    private int rate = 50;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Of puts, with and without the session that does not read.")
    private int seconds = 60;

    @Option(names = "--slices", paramLabel = "N", description = "In how many turns.")
    private int slices = 3;

    @Option(names = "--warmup", paramLabel = "S", description = "Of puts before that.")
    private int warmup = 20;

    @Option(names = "--seed", paramLabel = "N", description = "Of the documents.")
    private long seed = 1;

    @Option(names = "--jvm", paramLabel = "OPTION", description = "An option for the hub's JVM, repeatable.")
    private List<String> jvm = List.of("-Xmx512m");

    @Option(names = "--peer-jvm", paramLabel = "OPTION", description = "One for those of the sessions, repeatable.")
    private List<String> peerJvm = List.of("-Xmx2g");

    @Override
    public Integer call() throws Exception {
        int puts = rate * seconds / slices;
        long micros = 1_000_000L / rate;
        List<ManySessions.Delivery> without = new ArrayList<>();
        List<ManySessions.Delivery> with = new ArrayList<>();
        Table memory = new Table("sessions", "heap MB", "KB a session", "threads", "of Java", "peak RSS MB");
        try (ManySessions many = new ManySessions(jvm, peerJvm, processes, documents, seed)) {
            many.join(processes, 0); // what is loaded and compiled for the first is nobody's
            ManySessions.HubFigures none = many.state();
            memory.row(row(processes, none, none, 1));
            int half = sessions / 2;
            many.join(half - processes, databases);
            memory.row(row(half, many.state(), none, half - processes));
            double millis = many.join(sessions - half, 0);
            memory.row(row(sessions, many.state(), none, sessions - processes));
            System.err.println(format("%d sessions, the later ones in step in %.1f ms each", sessions, millis));
            if (warmup > 0) {
                say("warming up", many.deliver(rate * warmup, micros));
            }
            for (int i = 0; i < slices; i++) {
                for (int j = 0; j < 2; j++) {
                    if ((i + j) % 2 == 0) {
                        without.add(say("all read", many.deliver(puts, micros)));
                    } else {
                        many.stall();
                        with.add(say("one does not read", many.deliver(puts, micros)));
                        System.err.println("    that one's session " + (many.endStall() ? "was open" : "had ended"));
                    }
                }
            }
            memory.row(row(many.requireEqual(), many.state(), none, sessions - processes));
        }
        System.out.println(format(
                "%d sessions on one hub with %s, %,d documents; %d puts a second for %d s.%n",
                sessions, String.join(" ", jvm), documents, rate, seconds));
        System.out.print(memory);
        System.out.println("The last row is after all puts; all were equal.\n");
        System.out.print(
                new Table("", "deliveries", "p50 ms", "p99 ms", "longest ms", "hub: cores", "sessions: cores", "GC ms")
                        .row(row("all read", without))
                        .row(row("one does not read", with)));
        ManySessions.Traffic traffic = without.get(0).traffic();
        double deliveries = (double) sessions * without.get(0).puts();
        System.out.println(format(
                "%nA put at a session: %.1f bytes and %.2f packs in, %.1f bytes back, %.2f messages.",
                traffic.received() / deliveries,
                traffic.packs() / deliveries,
                traffic.sent() / deliveries,
                traffic.messages() / deliveries));
        return 0;
    }

    private ManySessions.Delivery say(String what, ManySessions.Delivery delivery) {
        System.err.println(what + ": " + String.join(", ", List.of(row("", List.of(delivery)))));
        return delivery;
    }

    private static String[] row(int sessions, ManySessions.HubFigures state, ManySessions.HubFigures none, int more) {
        return new String[] {
            format("%d", sessions),
            format("%.1f", state.heap() / 1e6),
            format("%.1f", (state.heap() - none.heap()) / 1e3 / more),
            format("%d", state.threads()),
            format("%d", state.javaThreads()),
            format("%.0f", state.peak() / 1e6)
        };
    }

    private String[] row(String what, List<ManySessions.Delivery> parts) {
        DelayCounts delays = new DelayCounts();
        parts.forEach(part -> delays.addAll(part.delays().counts()));
        double time =
                parts.stream().mapToDouble(part -> part.puts() / (double) rate).sum() * 1e9;
        return new String[] {
            what,
            format("%,d", delays.total()),
            format("%.1f", delays.quantile(0.5)),
            format("%.1f", delays.quantile(0.99)),
            format("%.1f", delays.quantile(1)),
            format(
                    "%.2f",
                    parts.stream().mapToLong(ManySessions.Delivery::hubCpuNanos).sum() / time),
            format(
                    "%.2f",
                    parts.stream()
                                    .mapToLong(ManySessions.Delivery::peersCpuNanos)
                                    .sum()
                            / time),
            format(
                    "%d",
                    parts.stream().mapToLong(ManySessions.Delivery::gcMillis).sum())
        };
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
