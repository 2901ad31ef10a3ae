package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.Encoded;
import dev.livesync.database.replica.Operation;
import dev.livesync.database.replica.ReadView;
import dev.livesync.database.versions.ConflictResolver;
import dev.livesync.database.versions.Settler;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Settles by a rule, from where the last run came to. */
final class RuleSettler implements Settler {
    /** How often it begins anew where others write meanwhile. */
    private static final int ATTEMPTS = 20;

    /** The least that an event takes besides its key, its document and its parents; and what a parent takes, or less. */
    private static final int AROUND = 128;

    private final Database database;
    private final DatabaseOptions options;
    private final ConflictResolver resolver;
    private List<Cid> seen = List.of();
    /** The keys that were in conflict when they were looked at: another version may come to hold there without a write of the document. */
    private Set<String> open = Set.of();

    RuleSettler(Database database, DatabaseOptions options, ConflictResolver resolver) {
        this.database = database;
        this.options = options;
        this.resolver = resolver;
    }

    @Override
    public synchronized int run() {
        for (int attempt = 1; ; attempt++) {
            ReadView view = database.store.view();
            ConflictResolution resolution = new ConflictResolution(database, view, resolver);
            List<Operation> due = resolution.due(seen, open);
            try {
                batches(due, view.heads().size()).forEach(database.store::write);
                seen = view.heads();
                open = resolution.open();
                return due.size();
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.CONFLICT || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** As many as the limits want, at least one operation in each. */
    private List<List<Operation>> batches(List<Operation> operations, int parents) {
        List<List<Operation>> batches = new ArrayList<>();
        long bytes = 0;
        int count = options.maxBatchEvents();
        for (Operation operation : operations) {
            Encoded content = operation.document();
            long size = 2L * AROUND + 3L * operation.key().length() + (content == null ? 0 : content.size());
            if (count == options.maxBatchEvents() || bytes + size > options.maxBatchBytes()) {
                batches.add(new ArrayList<>());
                count = 0;
                bytes = (long) AROUND * parents;
            }
            batches.get(batches.size() - 1).add(operation);
            count++;
            bytes += size;
        }
        return batches;
    }
}
