package dev.livesync.bench;

import dev.livesync.bench.compare.Other;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.report.Table;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.bench.workload.Scratch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** LiveSync and other systems, in turns. */
@Command(
        name = "alongside",
        description =
                "Initial sync and reconnect with nothing new, of LiveSync and of systems in JavaScript, in turns.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class AlongsideCommand implements Callable<Integer> {
    @Option(
            names = "--systems",
            paramLabel = "NAME",
            description = "alpha, yjs, rxdb, pouchdb, automerge.",
            split = ",")
    private List<String> systems = List.of("alpha");

    @Option(names = "--documents", paramLabel = "N", description = "How many documents A has.")
    private int documents = 1_000;

    @Option(names = "--batch", paramLabel = "N", description = "How many of them A wrote at once, where it can.")
    private int batch = 1;

    @Option(names = "--warmup", paramLabel = "N", description = "Rounds that do not count; the others' three at most.")
    private int warmup = 5;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds that count.")
    private int rounds = 15;

    @Option(names = "--minutes", paramLabel = "N", description = "No further round after so many, the filling apart.")
    private int minutes = 30;

    @Option(names = "--seed", paramLabel = "N", description = "Of the documents.")
    private long seed = 1;

    @Option(names = "--store", paramLabel = "KIND", description = "LiveSync's: directory or memory.", split = ",")
    private List<String> stores = List.of("memory", "directory");

    @Option(names = "--folder", paramLabel = "DIR", description = "Where directories go.")
    private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--interop", paramLabel = "DIR", description = "The checkout's folder of that name.")
    private Path interop = Path.of("interop");

    @Option(names = "--jvm", paramLabel = "OPTION", description = "An option for LiveSync's JVMs, repeatable.")
    private List<String> jvm = List.of("-Xmx1g");

    @Override
    public Integer call() throws Exception {
        List<Other> others = systems.stream().map(Other::of).toList();
        Map<String, Alongside.Times> ours = new LinkedHashMap<>();
        Map<String, Alongside.Times> all = new LinkedHashMap<>();
        List<ProcessPair> pairs = new ArrayList<>();
        try (Scratch scratch = new Scratch(folder)) {
            Alongside alongside = new Alongside(scratch, documents, batch, seed);
            for (String store : stores) {
                ProcessPair pair = PeerCommand.pair(jvm);
                pairs.add(pair);
                ours.put(store, alongside.liveSync(pair, store));
                all.put("LiveSync, " + store, ours.get(store));
            }
            for (Other other : others) {
                System.err.println("filling " + other.title());
                ProcessPair pair = other.start(interop);
                pairs.add(pair);
                all.put(other.title(), alongside.other(other.title(), pair));
            }
            System.err.println(warmup + " rounds to warm up, then " + rounds);
            alongside.run(warmup, rounds, Duration.ofMinutes(minutes), System.err::println);
        } finally {
            pairs.forEach(ProcessPair::close);
        }
        System.out.println(format(
                "%,d documents of %d bytes, written %d at a time; medians of %d rounds, ratios to LiveSync with their quartiles.%n",
                documents,
                SampleDocuments.USUAL_BYTES,
                batch,
                all.values().iterator().next().initial().size()));
        System.out.print(table(ours, all));
        return 0;
    }

    private Table table(Map<String, Alongside.Times> ours, Map<String, Alongside.Times> all) {
        List<String> headings = new ArrayList<>(List.of("system", "initial docs/s"));
        ours.keySet().forEach(store -> headings.add("÷ " + store));
        headings.add("CPU ms");
        headings.add("reconnect ms");
        ours.keySet().forEach(store -> headings.add("÷ " + store));
        headings.add("CPU ms");
        Table table = new Table(headings.toArray(String[]::new));
        all.forEach((name, times) -> {
            List<String> row = new ArrayList<>(List.of(
                    name,
                    format(
                            "%,.0f",
                            documents / (Alongside.Times.nanos(times.initial()).median() / 1e9))));
            ours.values().forEach(own -> row.add(ratio(times.initialOver(own))));
            row.add(millis(Alongside.Times.cpuNanos(times.initial())));
            row.add(millis(Alongside.Times.nanos(times.again())));
            ours.values().forEach(own -> row.add(ratio(times.againOver(own))));
            row.add(millis(Alongside.Times.cpuNanos(times.again())));
            table.row(row.toArray(String[]::new));
        });
        return table;
    }

    private static String millis(Samples nanos) {
        return format("%,.1f", nanos.median() / 1e6);
    }

    private static String ratio(Samples ratios) {
        return format("%.1f (%.1f-%.1f)", ratios.median(), ratios.quantile(0.25), ratios.quantile(0.75));
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
