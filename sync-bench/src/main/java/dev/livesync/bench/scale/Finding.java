package dev.livesync.bench.scale;

import dev.livesync.bench.workload.Scratch;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.query.Condition;
import dev.livesync.database.query.FieldIndex;
import dev.livesync.database.query.Query;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finding documents by a field: with an index on it against looking at all, and what the index costs a put, in turn within a run. A document is found by a value that one other in a
 * thousand has, somewhere among all; the first that a query finds is what is timed.
 */
public final class Finding {
    private static final FieldIndex INDEX = FieldIndex.on("/group", "/rank");
    private static final int GROUPS = 1_000;
    private static final int BATCH = 1_000;

    private final int documents;
    private final SplittableRandom random;
    private Consumer<String> progress = line -> {};
    private int revision;

    /**
     * Prepares to measure.
     *
     * @param documents how many there are
     * @param seed chooses
     */
    public Finding(int documents, long seed) {
        this.documents = documents;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Tells how far it is.
     *
     * @param listener receives lines
     */
    public void say(Consumer<String> listener) {
        progress = listener;
    }

    /**
     * Microseconds.
     *
     * @param clock by the clock
     * @param processor by the processor's time
     */
    public record Time(double clock, double processor) {}

    /**
     * What was measured.
     *
     * @param scan the first result without an index
     * @param index the same with one, after a put each
     * @param opening microseconds without an index
     * @param openingIndexed with one in the checkpoint
     * @param making with one that has to be made
     * @param bytesEach memory of the index for each document
     */
    public record Answers(
            Time scan, Time index, double opening, double openingIndexed, double making, double bytesEach) {}

    /**
     * Ratios of means.
     *
     * @param clock of a put with an index : without, by the clock
     * @param processor the same by the processor's time
     */
    public record Cost(double clock, double processor) {}

    private static DatabaseOptions options(boolean indexed) {
        return indexed ? DatabaseOptions.builder().indexes(INDEX).build() : DatabaseOptions.defaults();
    }

    private static String id(int document) {
        return String.format("document/%08d", document);
    }

    private Map<String, Object> fields(int document) {
        return Map.of(
                "group",
                "group " + random.nextInt(GROUPS),
                "rank",
                random.nextInt(1 << 20),
                "title",
                "Document " + document,
                "revision",
                revision++,
                "text",
                "What there is to say about it, which is about as much as people say in a line or two of a note.");
    }

    private void fill(Database database, int count) {
        for (int from = 0; from < count; from += BATCH) {
            int start = from;
            database.write(batch -> {
                for (int i = start; i < Math.min(count, start + BATCH); i++) {
                    batch.put(id(i), fields(i));
                }
            });
        }
    }

    private Query query() {
        return Query.all()
                .where("/group", Condition.equalTo("group " + random.nextInt(GROUPS)))
                .orderBy("/rank")
                .limit(1);
    }

    private static void first(Database database, Query query) {
        if (database.query(query).findFirst().isEmpty()) {
            throw new IllegalStateException("nothing was found: " + query);
        }
    }

    /**
     * Fills a directory, and measures queries and openings.
     *
     * @param directory where
     * @param rounds how often what takes long
     * @param queries how many by the index in each round
     * @return the times
     */
    public Answers answers(Path directory, int rounds, int queries) {
        progress.accept("filling " + documents);
        try (Database database = Database.open(directory)) {
            fill(database, documents);
        }
        Delays scans = new Delays();
        Delays indexed = new Delays();
        Delays opening = new Delays();
        Delays making = new Delays();
        Delays openingIndexed = new Delays();
        double bytes = 0;
        for (int i = 0; i < rounds; i++) {
            progress.accept("round " + (i + 1));
            try (Database database = open(directory, false, opening)) {
                first(database, Query.all().limit(1)); // sorts the ids
                scans.time(() -> first(database, query()));
                database.compact(); // a checkpoint without the index
            }
            try (Database database = open(directory, true, making)) {
                database.compact();
            }
            bytes = (double) (opened(directory, true) - opened(directory, false)) / documents;
            try (Database database = open(directory, true, openingIndexed)) {
                for (int q = 0; q < 2 * queries; q++) {
                    int document = random.nextInt(documents);
                    database.put(id(document), fields(document));
                    Query query = query();
                    (q < queries ? new Delays() : indexed).time(() -> first(database, query));
                }
            }
        }
        return new Answers(
                new Time(scans.clock().median(), scans.processor().median()),
                new Time(indexed.clock().median(), indexed.processor().median()),
                opening.clock().median(),
                openingIndexed.clock().median(),
                making.clock().median(),
                bytes);
    }

    private static Database open(Path directory, boolean indexed, Delays delays) {
        Database[] opened = new Database[1];
        delays.time(() -> opened[0] = Database.open(directory, options(indexed)));
        return opened[0];
    }

    /** The memory of a database that was just opened. */
    private long opened(Path directory, boolean indexed) {
        long before = used();
        try (Database database = Database.open(directory, options(indexed))) {
            return database.summary().documents() == documents ? used() - before : 0;
        }
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /**
     * Puts in two databases of a tenth of the documents in turn, one with an index.
     *
     * @param scratch where directories go; null for memory
     * @param rounds how many, and one that isn't counted
     * @param puts how many in each
     * @return what a put costs more
     */
    public Cost cost(@Nullable Scratch scratch, int rounds, int puts) {
        progress.accept("puts in " + (scratch == null ? "memory" : "a directory"));
        try (Database plain = open(scratch, false);
                Database indexed = open(scratch, true)) {
            fill(plain, documents / 10);
            fill(indexed, documents / 10);
            Delays without = new Delays();
            Delays with = new Delays();
            for (int i = 0; i <= rounds; i++) {
                puts(plain, i == 0 ? new Delays() : without, puts);
                puts(indexed, i == 0 ? new Delays() : with, puts);
            }
            return new Cost(
                    with.clock().median() / without.clock().median(),
                    with.processor().median() / without.processor().median());
        }
    }

    private static Database open(@Nullable Scratch scratch, boolean indexed) {
        return scratch == null ? Database.inMemory(options(indexed)) : Database.open(scratch.next(), options(indexed));
    }

    private void puts(Database database, Delays delays, int count) {
        for (int i = 0; i < count; i++) {
            int document = random.nextInt(documents / 10);
            Map<String, Object> fields = fields(document);
            delays.time(() -> database.put(id(document), fields));
        }
    }
}
