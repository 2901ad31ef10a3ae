package dev.livesync.bench.scale;

import dev.livesync.bench.report.Samples;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Opening by the checkpoint against opening without one, which reads all of the log, checks every checksum, hashes every event and works
 * everything out anew. In turn, on the same files.
 */
public final class Opening {
    private final Path directory;
    private final int documents;

    /**
     * Prepares to measure.
     *
     * @param directory a database that was closed in order
     * @param documents how many it has
     */
    public Opening(Path directory, int documents) {
        this.directory = directory;
        this.documents = documents;
    }

    /**
     * What was measured.
     *
     * @param openings microseconds with a checkpoint
     * @param scans microseconds without
     * @param openingsProcessor the opening thread's part of the processor's time, with a checkpoint
     * @param scansProcessor the same without
     */
    public record Figures(Samples openings, Samples scans, Samples openingsProcessor, Samples scansProcessor) {}

    /**
     * Fills a database.
     *
     * @param database an empty one
     * @param documents how many to put
     * @param batch how many at once
     * @param seed of the documents
     */
    public static void fill(Database database, int documents, int batch, long seed) {
        new Store(database, seed).fill(documents, batch);
    }

    /**
     * Opens again and again.
     *
     * @param rounds how often, each way
     * @return the times
     * @throws IOException if the checkpoint cannot be removed
     */
    public Figures run(int rounds) throws IOException {
        Delays openings = new Delays();
        Delays scans = new Delays();
        for (int i = 0; i < rounds; i++) {
            Path checkpoint = directory.resolve("checkpoint.idx");
            if (!Files.exists(checkpoint)) {
                throw new IllegalStateException("there is no checkpoint to open from");
            }
            open(openings);
            Files.delete(checkpoint);
            open(scans);
        }
        return new Figures(openings.clock(), scans.clock(), openings.processor(), scans.processor());
    }

    private void open(Delays delays) {
        Database[] opened = new Database[1];
        delays.time(() -> opened[0] = Database.open(directory));
        try (Database database = opened[0]) {
            if (database.summary().documents() != documents) {
                throw new IllegalStateException("it has " + database.summary());
            }
        }
    }
}
