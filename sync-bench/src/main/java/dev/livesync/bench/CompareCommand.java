package dev.livesync.bench;

import dev.livesync.bench.compare.Figures;
import dev.livesync.bench.compare.Other;
import dev.livesync.bench.compare.Page;
import dev.livesync.bench.compare.Participant;
import dev.livesync.bench.compare.Plan;
import dev.livesync.bench.compare.SystemComparison;
import dev.livesync.bench.compare.Workload;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.bench.workload.Scratch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The workloads of the comparison, for LiveSync and for others. */
@Command(
        name = "compare",
        description = {
            "init, resync, diff and live of LiveSync and of other systems, in turns: bytes, memory, times, round trips.",
            "Others are those whose packages are installed: `npm ci` in interop/alpha and interop/peers."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class CompareCommand implements Callable<Integer> {
    private static final int MOST_OF_THE_ALPHA = 1_000;
    private static final int MOST_OF_OTHERS = 10_000;

    @Option(
            names = "--only",
            paramLabel = "WORKLOAD",
            description = "counted: bytes and memory, by size; warm: times; cold: the first sync of fresh processes.",
            split = ",")
    private List<String> only =
            Arrays.stream(Workload.values()).map(Workload::title).toList();

    @Option(names = "--systems", paramLabel = "NAME", description = "memory and directory are LiveSync's.", split = ",")
    private List<String> systems =
            List.of("memory", "directory", "yjs", "y-websocket", "rxdb", "pouchdb", "automerge", "alpha");

    @Option(names = "--documents", paramLabel = "N", description = "How many documents A has.")
    private int documents = 10_000;

    @Option(
            names = "--sizes",
            paramLabel = "N",
            description = {
                "How many it has where bytes are counted. LiveSync and Yjs take part in all, others up to 10,000, the alpha",
                "up to 1,000. 1,000,000 takes half an hour."
            },
            split = ",")
    private List<Integer> sizes = List.of(1_000, 10_000, 100_000);

    @Option(names = "--cold", paramLabel = "N", description = "How many it has in processes that are cold.")
    private int cold = 1_000;

    @Option(names = "--batch", paramLabel = "N", description = "How many of them A writes at once.")
    private int batch = 100;

    @Option(names = "--puts", paramLabel = "N", description = "Live puts, one by one.")
    private int puts = 200;

    @Option(names = "--pace", paramLabel = "MS", description = "Time between them.")
    private int pace = 20;

    @Option(names = "--rounds", paramLabel = "N", description = "In each all take their turn.")
    private int rounds = 5;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            description = "Rounds of warm that do not count; others' three at most.")
    private int warmup = 20;

    @Option(names = "--delay", paramLabel = "MS", description = "Of the link that has one, each way.")
    private int delay = 50;

    @Option(names = "--seed", paramLabel = "N", description = "Of the documents.")
    private long seed = 1;

    @Option(
            names = "--heap",
            paramLabel = "SIZE",
            description = "Of the JVMs where memory is measured; for more than 10,000 documents more.")
    private String heap = "64m";

    @Option(names = "--jvm", paramLabel = "OPTION", description = "An option for the JVMs elsewhere, repeatable.")
    private List<String> jvm = List.of("-Xmx256m");

    @Option(names = "--folder", paramLabel = "DIR", description = "Where directories go.")
    private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--interop", paramLabel = "DIR", description = "The checkout's folder of that name.")
    private Path interop = Path.of("interop");

    @Option(
            names = "--write",
            paramLabel = "PAGE",
            description = {
                "A page such as docs/benchmarks.md: the tables go between its marks, plots into the folder benchmarks beside it,",
                "and each measurement into figures.csv there. What that file has already of other workloads, systems and sizes stays."
            })
    private @Nullable Path write;

    @Option(names = "--note", paramLabel = "TEXT", description = "For the page: what else ran on the machine.")
    private String note = "";

    @Override
    public Integer call() throws Exception {
        Plan plan = new Plan(
                documents,
                sizes,
                cold,
                batch,
                10,
                puts,
                pace * 1_000L,
                rounds,
                warmup,
                Duration.ofMillis(delay),
                seed,
                heap,
                jvm);
        List<Participant> participants = participants();
        double load = load();
        Figures figures;
        try (Scratch scratch = new Scratch(folder)) {
            SystemComparison comparison = new SystemComparison(plan, participants, scratch, System.err::println);
            if (only.contains(Workload.COUNTED.title())) {
                comparison.counted();
            }
            if (only.contains(Workload.WARM.title())) {
                comparison.warm();
            }
            if (only.contains(Workload.COLD.title())) {
                comparison.cold();
            }
            figures = comparison.figures();
        }
        String how = how(load, load());
        System.out.println(how + "\n");
        System.out.print(new Page(figures, documents, cold).tables());
        if (write != null) {
            write(write, figures, how);
        }
        return 0;
    }

    private List<Participant> participants() {
        List<Participant> all = new ArrayList<>();
        for (String system : systems) {
            if (system.equals("memory") || system.equals("directory")) {
                all.add(Participant.liveSync(system, PeerCommand::pair));
            } else {
                Other other = Other.of(system);
                if (other.isInstalled(interop)) {
                    all.add(Participant.of(other, interop, most(other)));
                } else {
                    System.err.println(system + " is left out: its packages are not installed");
                }
            }
        }
        return all;
    }

    private static int most(Other other) {
        return switch (other) {
            case ALPHA -> MOST_OF_THE_ALPHA;
            case YJS, Y_WEBSOCKET -> Integer.MAX_VALUE;
            default -> MOST_OF_OTHERS;
        };
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private String how(double before, double after) {
        return String.format(
                Locale.ROOT,
                "%s; %s documents of %d bytes, in batches of %d; %d rounds, %d to warm up, seed %d; %d cores, JDK %s, %s, load %.1f before and %.1f after%s.",
                String.join(", ", only),
                only.equals(List.of(Workload.COUNTED.title())) ? sizes.toString() : Integer.toString(documents),
                SampleDocuments.USUAL_BYTES,
                batch,
                rounds,
                warmup,
                seed,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                System.getProperty("os.name"),
                before,
                after,
                note.isEmpty() ? "" : "; " + note);
    }

    private void write(Path page, Figures newer, String how) throws IOException {
        Path home = page.resolveSibling("benchmarks");
        Files.createDirectories(home);
        Path file = home.resolve("figures.csv");
        Figures all = Figures.read(file);
        all.replace(newer);
        all.note(how);
        all.write(file);
        new Page(all, documents, cold).write(page, "benchmarks", all.notes());
    }
}
