package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Stores records in batches, each of which is durable as a whole. At a bad record what came before it is stored, what comes after
 * it is not.
 */
final class RecordImport {
    /** As many as make the cost of a flush small; well within what one batch may hold. */
    private static final int BATCH_RECORDS = 1_000;

    private static final int BATCH_CHARS = 2 << 20;

    private final Database database;
    private final String file;
    private final Acknowledge acknowledge;
    private final LongConsumer progress;
    private final List<InputRecord> batch = new ArrayList<>();
    private int chars;
    private long stored;

    RecordImport(Database database, String file, Acknowledge acknowledge, LongConsumer progress) {
        this.database = database;
        this.file = file;
        this.acknowledge = acknowledge;
        this.progress = progress;
    }

    /** Imports all records and returns how many. */
    long run(RecordReader reader) throws IOException {
        try {
            for (InputRecord record = reader.next(); record != null; record = reader.next()) {
                if (!batch.isEmpty() && chars + record.json().length() > BATCH_CHARS) {
                    flush();
                }
                batch.add(record);
                chars += record.json().length();
                if (batch.size() == BATCH_RECORDS) {
                    flush();
                }
            }
        } catch (Refused e) {
            throw e;
        } catch (SyncException e) {
            flush();
            throw new SyncException(e.kind(), file + ", " + e.getMessage() + storedBefore(), e);
        }
        flush();
        return stored;
    }

    /** Writes the batch up to the first record that the database refuses, and then fails because of that one. */
    private void flush() {
        if (batch.isEmpty()) {
            return;
        }
        List<InputRecord> records = List.copyOf(batch);
        batch.clear();
        chars = 0;
        List<String> ids = new ArrayList<>();
        SyncException[] refused = {null};
        try {
            database.write(b -> {
                for (InputRecord record : records) {
                    try {
                        b.put(Document.of(record.id(), record.json()));
                    } catch (SyncException e) {
                        refused[0] = e;
                        return;
                    }
                    ids.add(record.id());
                }
            });
        } catch (SyncException e) {
            String lines = "lines " + records.get(0).line() + " to "
                    + records.get(records.size() - 1).line();
            throw new Refused(e.kind(), file + ", " + lines + ", none of which was stored: " + e.getMessage(), e);
        }
        stored += ids.size();
        acknowledge.stored(ids);
        progress.accept(stored);
        if (refused[0] != null) {
            InputRecord bad = records.get(ids.size());
            throw new Refused(
                    refused[0].kind(),
                    file + ", line " + bad.line() + ": " + refused[0].getMessage() + storedBefore(),
                    refused[0]);
        }
    }

    private String storedBefore() {
        return " (" + stored + (stored == 1 ? " document" : " documents") + " before it stored, nothing after it)";
    }

    /** Says already where it happened. */
    private static final class Refused extends SyncException {
        private static final long serialVersionUID = 1L;

        Refused(ErrorKind kind, String message, Throwable cause) {
            super(kind, message, cause);
        }
    }
}
