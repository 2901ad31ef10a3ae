package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.Fidelity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Stores records in batches, each of which is durable as a whole. At a bad record those before it are stored and those after it are not.
 * Documents that are there already are not written again.
 */
final class RecordImport {
    /** How many records a batch has: enough to make the cost of a flush small, and well within the limit of a batch. */
    private static final int BATCH_RECORDS = 1_000;

    /** Of ids and documents. A batch may hold several times the bytes that so many characters can become. */
    private static final int BATCH_CHARS = 2 << 20;

    /** The outcome of an import. */
    record Result(long stored, long deleted, long unchanged) {}

    /** A change to make: put a document, or delete it. */
    private record PendingChange(String id, @Nullable Document document) {}

    private final Database database;
    private final String file;
    private final boolean exact;
    private final Acknowledge acknowledge;
    private final LongConsumer progress;
    private final List<InputRecord> batch = new ArrayList<>();
    private final ImportNotes notes;
    private long chars;
    private long stored;
    private long deleted;
    private long unchanged;

    /**
     * Creates an import.
     *
     * @param file what the file is called in messages
     * @param exact whether a document that JavaScript would change is refused
     */
    RecordImport(
            Database database,
            String file,
            boolean exact,
            Console console,
            Acknowledge acknowledge,
            LongConsumer progress) {
        this.database = database;
        this.file = file;
        this.exact = exact;
        this.acknowledge = acknowledge;
        this.progress = progress;
        this.notes = new ImportNotes(console, file);
    }

    /** Imports all records. */
    Result run(RecordReader reader) throws IOException {
        try {
            readAll(reader);
            flush();
            return new Result(stored, deleted, unchanged);
        } finally {
            notes.tell();
        }
    }

    private void readAll(RecordReader reader) throws IOException {
        try {
            for (InputRecord record = reader.next(); record != null; record = reader.next()) {
                long size = (long) record.id().length() + record.json().length();
                if (!batch.isEmpty() && chars + size > BATCH_CHARS) {
                    flush();
                }
                batch.add(record);
                chars += size;
                if (batch.size() == BATCH_RECORDS) {
                    flush();
                }
            }
        } catch (Refused e) {
            throw e;
        } catch (SyncException e) {
            flush();
            throw new SyncException(e.kind(), file + ", " + e.getMessage() + before(), e);
        }
    }

    /** Writes the batch up to the first record that cannot be a document, and then fails because of that one. */
    private void flush() {
        List<InputRecord> records = List.copyOf(batch);
        batch.clear();
        chars = 0;
        Map<String, PendingChange> changes = new LinkedHashMap<>();
        List<PendingChange> there = new ArrayList<>();
        InputRecord bad = null;
        SyncException refused = null;
        for (InputRecord record : records) {
            try {
                PendingChange change = change(record);
                changes.remove(change.id()); // the last one counts
                changes.put(change.id(), change);
                notes.leftOut(record.leftOut());
            } catch (SyncException e) {
                bad = record;
                refused = e;
                break;
            }
        }
        changes.values().removeIf(change -> isThere(change) && there.add(change));
        write(List.copyOf(changes.values()), records);
        unchanged += there.size();
        acknowledge(there);
        progress.accept(stored);
        if (bad != null && refused != null) {
            throw new Refused(
                    refused.kind(), file + ", " + bad.place() + ": " + refused.getMessage() + before(), refused);
        }
    }

    private PendingChange change(InputRecord record) {
        Optional<Document> before = database.get(record.id());
        if (record.delete()) {
            return new PendingChange(record.id(), null);
        }
        try {
            return new PendingChange(record.id(), document(record, before, Fidelity.EXACT));
        } catch (SyncException e) {
            if (exact || e.kind() != ErrorKind.INVALID_ARGUMENT) {
                throw e;
            }
            Document document = document(record, before, Fidelity.JAVASCRIPT);
            notes.changed(record.place(), e);
            return new PendingChange(record.id(), document);
        }
    }

    /** Makes the document of a record. Content of other IPLD programs stays unchanged where the record has it as export wrote it. */
    private static Document document(InputRecord record, Optional<Document> before, Fidelity fidelity) {
        return before.isPresent()
                ? before.get().with(record.json(), fidelity)
                : Document.of(record.id(), record.json(), fidelity);
    }

    private boolean isThere(PendingChange change) {
        return database.get(change.id()).equals(Optional.ofNullable(change.document()));
    }

    private void write(List<PendingChange> changes, List<InputRecord> records) {
        if (changes.isEmpty()) {
            return;
        }
        try {
            database.write(b -> {
                for (PendingChange change : changes) {
                    if (change.document() == null) {
                        b.delete(change.id());
                    } else {
                        b.put(change.document());
                    }
                }
            });
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.LIMIT_EXCEEDED && changes.size() > 1) {
                // Together they are too large; a single one may be as large as it likes.
                write(changes.subList(0, changes.size() / 2), records);
                write(changes.subList(changes.size() / 2, changes.size()), records);
                return;
            }
            throw new Refused(e.kind(), file + ", " + range(changes, records) + ": " + e.getMessage() + before(), e);
        }
        long put = changes.stream().filter(c -> c.document() != null).count();
        stored += put;
        deleted += changes.size() - put;
        acknowledge(changes);
    }

    private void acknowledge(List<PendingChange> done) {
        acknowledge.stored(ids(done, true));
        acknowledge.deleted(ids(done, false));
    }

    private static List<String> ids(List<PendingChange> changes, boolean put) {
        return changes.stream()
                .filter(c -> (c.document() != null) == put)
                .map(PendingChange::id)
                .toList();
    }

    private static String range(List<PendingChange> changes, List<InputRecord> records) {
        List<InputRecord> refused = records.stream()
                .filter(r -> changes.stream().anyMatch(c -> c.id().equals(r.id())))
                .toList();
        String first = refused.get(0).place().toString();
        return refused.size() == 1
                ? first
                : first + " to line " + refused.get(refused.size() - 1).place().line() + ", none of which was stored";
    }

    private String before() {
        long done = stored + deleted + unchanged;
        return " (" + done + (done == 1 ? " document" : " documents") + " before it stored, nothing after it)";
    }

    /** A failure whose message names the place already. */
    private static final class Refused extends SyncException {
        private static final long serialVersionUID = 1L;

        Refused(ErrorKind kind, String message, Throwable cause) {
            super(kind, message, cause);
        }
    }
}
