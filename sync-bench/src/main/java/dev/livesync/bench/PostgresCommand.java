package dev.livesync.bench;

import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replicated;
import dev.livesync.bench.process.Cpu;
import dev.livesync.bench.report.Table;
import dev.livesync.bench.workload.Scratch;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.Database;
import dev.livesync.replica.postgres.PostgresOptions;
import dev.livesync.replica.postgres.PostgresReplica;
import dev.livesync.replica.postgres.PostgresStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Commits to PostgreSQL and a first sync from there. */
@Command(
        name = "postgres",
        description = "Commits to databases in PostgreSQL, grouped and not, and a first sync from one beside one from a"
                + " directory. What is compared takes turns. Databases with names of their own stay in the server.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class PostgresCommand implements Callable<Integer> {
    private static final Cid TREE = Cid.hash(Cid.DAG_CBOR, new byte[] {1});

    @Option(names = "--url", required = true, paramLabel = "URL", description = "Of the server, for JDBC.")
    private String url = "";

    @Option(names = "--sessions", paramLabel = "N", description = "How many commit single events at the same time.")
    private int sessions = 16;

    @Option(names = "--commits", paramLabel = "N", description = "How many each of them makes in a round.")
    private int commits = 50;

    @Option(
            names = "--events",
            paramLabel = "N",
            description = "How many are committed in batches of 1,000, and synced.")
    private int events = 20_000;

    @Option(names = "--rounds", paramLabel = "N", description = "Of what takes turns.")
    private int rounds = 5;

    @Option(names = "--folder", paramLabel = "DIR", description = "Where directories go.")
    private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    /** What something took, in nanoseconds. */
    private record Took(long clock, long processor) {}

    /** Something that is timed. */
    private interface Work {
        void run() throws Exception;
    }

    @Override
    public Integer call() throws Exception {
        Table table = new Table("what", "measured", "aim", "this process's processor time");
        try (PostgresStore grouped = PostgresStore.connect(url, PostgresOptions.DEFAULT);
                PostgresStore single = PostgresStore.connect(
                        url,
                        PostgresOptions.DEFAULT.toBuilder()
                                .commitsPerTransaction(1)
                                .build());
                Scratch scratch = new Scratch(folder)) {
            singles(table, grouped, single);
            String name = batches(table, grouped);
            firstSync(table, grouped, name, scratch);
        }
        System.out.print(table);
        return 0;
    }

    private static Took time(Work work) throws Exception {
        long clock = System.nanoTime();
        long processor = Cpu.nanos();
        work.run();
        return new Took(System.nanoTime() - clock, Cpu.nanos() - processor);
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private void singles(Table table, PostgresStore grouped, PostgresStore single) throws Exception {
        List<Double> clock = new ArrayList<>();
        List<Double> processor = new ArrayList<>();
        List<Double> rate = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            Took apart = time(() -> commitSingles(single.open("bench " + UUID.randomUUID())));
            Took together = time(() -> commitSingles(grouped.open("bench " + UUID.randomUUID())));
            if (round > 0) { // the first warms up
                clock.add((double) apart.clock() / together.clock());
                processor.add((double) apart.processor() / together.processor());
                rate.add(sessions * commits * 1e9 / together.clock());
            }
        }
        table.row(
                "commits/s of single events by " + sessions + " sessions, grouped : each for itself",
                format("%.1f", median(clock)),
                "at least 5",
                format("%.1f", median(processor)));
        table.row("the same, grouped", format("%,.0f/s", median(rate)), "", "");
    }

    private void commitSingles(PostgresReplica replica) {
        ExecutorService executor = Executors.newFixedThreadPool(sessions);
        try {
            List<CompletableFuture<Void>> running = new ArrayList<>();
            for (int s = 0; s < sessions; s++) {
                Origin origin = new Origin("session " + s, "peer " + s);
                String key = "session" + s;
                running.add(CompletableFuture.runAsync(
                        () -> {
                            Event last = null;
                            for (int i = 0; i < commits; i++) {
                                last = put(key, i, last);
                                replica.commit(new Commit(List.of(), List.of(last), origin));
                            }
                        },
                        executor));
            }
            running.forEach(CompletableFuture::join);
        } finally {
            executor.shutdown();
            replica.close();
        }
    }

    private static Event put(String key, int number, @Nullable Event parent) {
        Value document =
                new Value.Mapping(Map.of("text", new Value.Text("x".repeat(250)), "number", new Value.Int(number)));
        return Events.put(
                Keys.ofId(key), Encoded.of(document), TREE, parent == null ? List.of() : List.of(parent.cid()));
    }

    private String batches(Table table, PostgresStore store) throws Exception {
        List<Double> rate = new ArrayList<>();
        List<Double> processor = new ArrayList<>();
        String name = "";
        for (int round = 0; round <= rounds; round++) {
            name = "bench " + UUID.randomUUID();
            PostgresReplica replica = store.open(name);
            List<Commit> batches = new ArrayList<>();
            Event last = null;
            for (int from = 0; from < events; from += 1_000) {
                Event[] batch = new Event[Math.min(1_000, events - from)];
                for (int i = 0; i < batch.length; i++) {
                    last = put("document" + (from + i), i, last);
                    batch[i] = last;
                }
                batches.add(new Commit(List.of(), Arrays.asList(batch), new Origin("session", "peer")));
            }
            Took took = time(() -> batches.forEach(replica::commit));
            if (round > 0) {
                rate.add(events * 1e9 / took.clock());
                processor.add(took.processor() / 1e3 / events);
            }
            if (round < rounds) {
                replica.close();
            }
        }
        table.row(
                "events/s in batches of 1,000",
                format("%,.0f/s", median(rate)),
                "at least 10,000",
                format("%.0f us an event", median(processor)));
        return name;
    }

    private void firstSync(Table table, PostgresStore store, String name, Scratch scratch) throws Exception {
        try (Database directory = Database.open(scratch.next())) {
            try (Sync from = Sync.builder(store.open(name)).transport("memory").build();
                    Sync to = Sync.builder(directory).transport("memory").build()) {
                to.dial(from.listen("memory:bench-fill").join().address())
                        .join()
                        .awaitEqual()
                        .join();
            }
            List<Double> clock = new ArrayList<>();
            List<Double> processor = new ArrayList<>();
            for (int round = 0; round <= rounds; round++) {
                Took embedded = time(() -> sync(directory));
                // Opened anew: what was just written is in memory.
                store.open(name).close();
                Took shared = time(() -> sync(store.open(name)));
                if (round > 0) {
                    clock.add((double) embedded.clock() / shared.clock());
                    processor.add((double) embedded.processor() / shared.processor());
                }
            }
            table.row(
                    "first sync of " + events + " events, speed from PostgreSQL (opened for it) : from a directory",
                    format("%.2f", median(clock)),
                    "at least 0.5",
                    format("%.2f", median(processor)));
            clock.clear();
            processor.clear();
            for (int round = 0; round < rounds; round++) {
                Took embedded = time(() -> sync(directory));
                Took shared = time(() -> sync(store.open(name)));
                clock.add((double) embedded.clock() / shared.clock());
                processor.add((double) embedded.processor() / shared.processor());
            }
            table.row(
                    "the same, open before",
                    format("%.2f", median(clock)),
                    "at least 0.5",
                    format("%.2f", median(processor)));
        }
    }

    private static void sync(Replicated hub) {
        try (Database client = Database.inMemory();
                Sync from = Sync.builder(hub).transport("memory").build();
                Sync to = Sync.builder(client).transport("memory").build()) {
            to.dial(from.listen("memory:bench-" + UUID.randomUUID()).join().address())
                    .join()
                    .backlog()
                    .join();
        }
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
