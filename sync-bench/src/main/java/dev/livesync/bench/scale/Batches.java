package dev.livesync.bench.scale;

import dev.livesync.bench.report.Samples;
import dev.livesync.bench.workload.Scratch;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Batched puts into an empty directory and into memory, in turn. */
public final class Batches {
    private final Scratch scratch;
    private final int documents;
    private final int batch;
    private final long seed;

    /**
     * Prepares to measure.
     *
     * @param scratch where directories go
     * @param documents how many to put
     * @param batch how many at once
     * @param seed of the documents
     */
    public Batches(Scratch scratch, int documents, int batch, long seed) {
        this.scratch = scratch;
        this.documents = documents;
        this.batch = batch;
        this.seed = seed;
    }

    /**
     * Fills both, the first round not counted.
     *
     * @param rounds how often
     * @return by round, how fast a directory is, memory being 1
     * @throws IOException if a directory cannot be removed
     */
    public Samples run(int rounds) throws IOException {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i <= rounds; i++) {
            double memory = time(Database.inMemory());
            Path directory = scratch.next();
            double disk = time(Database.open(directory));
            Scratch.delete(directory);
            if (i > 0) {
                ratios.add(memory / disk);
            }
        }
        return Samples.of(ratios);
    }

    private double time(Database database) {
        try (database) {
            long start = System.nanoTime();
            new Store(database, seed).fill(documents, batch);
            return System.nanoTime() - start;
        }
    }
}
