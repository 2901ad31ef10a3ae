package dev.livesync.bench.scale;

import dev.livesync.bench.report.Samples;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** How long single puts wait while compaction and checkpoints run beside them. */
public final class Pauses {
    private final Path directory;
    private final int documents;
    private final DatabaseOptions options;

    /**
     * Prepares to measure.
     *
     * @param directory of a filled database
     * @param documents how many it has
     * @param options how it is opened
     */
    public Pauses(Path directory, int documents, DatabaseOptions options) {
        this.directory = directory;
        this.documents = documents;
        this.options = options;
    }

    /**
     * What was measured, in microseconds by the clock.
     *
     * @param all every put
     * @param beside those during which maintenance ran
     * @param apart the others: how long the machine alone may take
     * @param runs how often it ran
     */
    public record Figures(Samples all, Samples beside, Samples apart, int runs) {
        /**
         * The worst that happened beside maintenance.
         *
         * @return as a multiple of the median put
         */
        public double worst() {
            return beside.max() / all.median();
        }
    }

    /**
     * Puts random documents one by one, until maintenance has run to its end so often.
     *
     * @param runs how often
     * @param most how many puts at most
     * @param seed chooses
     * @return the times
     */
    public Figures run(int runs, int most, long seed) {
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        ExecutorService thread = Executors.newSingleThreadExecutor(r -> new Thread(r, "maintenance"));
        List<Double> all = new ArrayList<>();
        List<Double> beside = new ArrayList<>();
        List<Double> apart = new ArrayList<>();
        try (Database database = Database.open(
                directory,
                options.toBuilder()
                        .maintenance(task -> thread.execute(() -> {
                            begun.incrementAndGet();
                            task.run();
                            ended.incrementAndGet();
                        }))
                        .build())) {
            Store store = new Store(database, seed);
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < most && ended.get() < runs; i++) {
                int endedBefore = ended.get();
                long start = System.nanoTime();
                store.put(random.nextInt(documents), 1 + i);
                double micros = (System.nanoTime() - start) / 1e3;
                all.add(micros);
                (begun.get() > endedBefore ? beside : apart).add(micros);
            }
        } finally {
            thread.shutdown();
            awaitEnd(thread);
        }
        if (beside.isEmpty() || apart.isEmpty()) {
            throw new IllegalStateException("of " + all.size() + " puts " + beside.size()
                    + " were beside maintenance, which ended " + ended + " times");
        }
        return new Figures(Samples.of(all), Samples.of(beside), Samples.of(apart), ended.get());
    }

    private static void awaitEnd(ExecutorService thread) {
        try {
            if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("maintenance goes on after closing");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
