package dev.livesync.database;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.Keys;
import dev.livesync.database.json.Names;
import dev.livesync.database.replica.Operation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the operations of a batch: the last one of each key, puts before deletes. The order between keys means nothing to
 * the documents, and this one keeps the chain of events whole: an event inside it that left no document would be complete by
 * itself.
 */
final class BatchBuilder implements Batch {
    private final Database database;
    private final DatabaseOptions options;
    private final Map<String, Operation> byKey = new LinkedHashMap<>();
    private long bytes;
    private boolean ended;

    BatchBuilder(Database database, DatabaseOptions options) {
        this.database = database;
        this.options = options;
    }

    @Override
    public Batch put(Document document) {
        add(database.operation(document));
        return this;
    }

    @Override
    public Batch put(String id, String json) {
        return put(database.document(id, json));
    }

    @Override
    public Batch put(String id, Map<String, ?> fields) {
        return put(database.document(id, fields));
    }

    @Override
    public Batch delete(String id) {
        Operation delete = Database.deletion(id, false);
        Operation before = byKey.get(delete.key());
        add(before != null && before.document() != null ? Database.deletion(id, true) : delete);
        return this;
    }

    private void add(Operation operation) {
        if (ended) {
            throw new SyncException(ErrorKind.CLOSED, "the batch has ended: it is valid only inside the call to write");
        }
        Operation replaced = byKey.get(operation.key());
        if (replaced == null && byKey.size() == options.maxBatchEvents()) {
            throw limit(
                    operation,
                    "a batch of more than " + options.maxBatchEvents()
                            + " events is over the limit of the option maxBatchEvents");
        }
        long after = bytes + size(operation) - (replaced == null ? 0 : size(replaced));
        if (byKey.size() > (replaced == null ? 0 : 1) && after > options.maxBatchBytes()) {
            throw limit(
                    operation,
                    "a batch of " + after + " bytes is over the limit of " + options.maxBatchBytes()
                            + " of the option maxBatchBytes");
        }
        byKey.remove(operation.key()); // the last one comes last
        byKey.put(operation.key(), operation);
        bytes = after;
    }

    private static SyncException limit(Operation operation, String what) {
        return new SyncException(ErrorKind.LIMIT_EXCEEDED, Names.document(Keys.toId(operation.key())) + ": " + what);
    }

    private static long size(Operation operation) {
        long key = operation.key().length();
        return key + (operation.document() == null ? 1 : operation.document().size());
    }

    @Override
    public int size() {
        return byKey.size();
    }

    void end() {
        ended = true;
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>(byKey.size());
        byKey.values().stream().filter(o -> o.document() != null).forEach(operations::add);
        byKey.values().stream().filter(o -> o.document() == null).forEach(operations::add);
        return operations;
    }
}
