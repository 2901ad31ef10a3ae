package dev.livesync.bench.scale;

import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.database.Database;
import java.util.function.IntUnaryOperator;

/** Puts documents into a database and gets them. */
final class Store {
    private final Database database;
    private final SampleDocuments documents;

    Store(Database database, long seed) {
        this.database = database;
        this.documents = new SampleDocuments(seed);
    }

    /** Puts documents 0 to count - 1, many at once. */
    void fill(int count, int batch) {
        put(count, batch, 0, i -> i);
    }

    /** Puts some documents, many at once. */
    void put(int count, int batch, int revision, IntUnaryOperator which) {
        for (int from = 0; from < count; from += batch) {
            int start = from;
            int stop = Math.min(count, from + batch);
            database.write(writes -> {
                for (int i = start; i < stop; i++) {
                    int document = which.applyAsInt(i);
                    writes.put(SampleDocuments.id(document), documents.json(document, revision));
                }
            });
        }
    }

    /** Puts one document. */
    void put(int document, int revision) {
        database.put(SampleDocuments.id(document), documents.json(document, revision));
    }

    /** Gets one document, which must be there. */
    void get(int document) {
        if (database.get(SampleDocuments.id(document)).isEmpty()) {
            throw new IllegalStateException(SampleDocuments.id(document) + " is not there");
        }
    }
}
