package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.Document;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The embedded database in memory. Its own wake-ups come from a thread; these come at once, so that a seed decides all. */
final class EmbeddedDb implements TestDb, Replica {
    private final Database database;
    private final Replica real;
    private @Nullable BlockExchange served;
    private final Set<Runnable> listeners = new LinkedHashSet<>();

    EmbeddedDb() {
        this(DatabaseOptions.defaults());
    }

    EmbeddedDb(DatabaseOptions options) {
        database = Database.inMemory(options);
        real = database.replica();
    }

    @Override
    public Replica replica() {
        return this;
    }

    Database database() {
        return database;
    }

    @Override
    public Optional<BlockExchange> blocks() {
        return served == null ? real.blocks() : Optional.of(served);
    }

    /** Gives away what somebody else says. */
    void serve(BlockExchange blocks) {
        served = blocks;
    }

    @Override
    public void write(List<Op> ops) {
        if (ops.size() == 1) {
            Op op = ops.get(0);
            if (op.document() == null) {
                database.delete(op.id());
            } else {
                database.put(document(op));
            }
        } else {
            database.write(batch -> ops.forEach(op -> {
                if (op.document() == null) {
                    batch.delete(op.id());
                } else {
                    batch.put(document(op));
                }
            }));
        }
        wake();
    }

    private static Document document(Op op) {
        Map<String, Object> fields = new LinkedHashMap<>();
        op.document().entries().forEach((name, value) -> fields.put(name, plain(value)));
        return Document.of(op.id(), fields);
    }

    private static Object plain(Value value) {
        return value instanceof Value.Int i ? (Object) i.value() : ((Value.Text) value).value();
    }

    private void wake() {
        List.copyOf(listeners).forEach(Runnable::run);
    }

    @Override
    public SortedMap<String, Value> documents() {
        SortedMap<String, Value> documents = new TreeMap<>();
        database.forEach(d -> documents.put(d.id(), d.value()));
        return documents;
    }

    @Override
    public List<Cid> heads() {
        return database.clock();
    }

    @Override
    public void close() {
        database.close();
    }

    @Override
    public Snapshot snapshot() {
        return real.snapshot();
    }

    @Override
    public CommitResult commit(Commit commit) {
        CommitResult result = real.commit(commit);
        if (!result.accepted().isEmpty()) {
            wake();
        }
        return result;
    }

    @Override
    public Changes changes(Cursor after, int maxEvents) {
        return real.changes(after, maxEvents);
    }

    @Override
    public Subscription onChange(Runnable wakeUp) {
        listeners.add(wakeUp);
        return () -> listeners.remove(wakeUp);
    }
}
