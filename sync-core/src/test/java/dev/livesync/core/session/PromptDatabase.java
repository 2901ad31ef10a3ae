package dev.livesync.core.session;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** A real database in a {@link World}: its own wake-ups come from a thread, these come at once, so that a seed decides all. */
public final class PromptDatabase implements Replica, AutoCloseable {
    final Database database;
    private final Replica real;
    private final Set<Runnable> listeners = new LinkedHashSet<>();

    private final boolean withBlocks;

    public PromptDatabase(Database database) {
        this(database, false);
    }

    /** With its attachments, if sessions are to ask for them: these are told by others' threads of what documents name, if they want that. */
    public PromptDatabase(Database database, boolean withBlocks) {
        this.database = database;
        this.withBlocks = withBlocks;
        real = database.replica();
    }

    @Override
    public Optional<BlockExchange> blocks() {
        return withBlocks ? real.blocks() : Optional.empty();
    }

    static PromptDatabase inMemory() {
        return new PromptDatabase(Database.inMemory());
    }

    /** Another database with the same events. */
    static PromptDatabase of(List<Event> events) {
        PromptDatabase copy = inMemory();
        copy.take(events);
        return copy;
    }

    /** Writes a document of the benchmarks' size. */
    void put(String id, long seed) {
        put(id, field(seed));
    }

    void put(String id, Map<String, Object> fields) {
        write(() -> database.put(Document.of(id, fields)));
    }

    /** Writes so many documents of the benchmarks' size, in batches. */
    void fill(String name, int documents, int batch) {
        for (int from = 0; from < documents; from += batch) {
            int first = from;
            int end = Math.min(documents, from + batch);
            write(() -> database.write(all -> {
                for (int i = first; i < end; i++) {
                    all.put(Document.of(name + i, field(i)));
                }
            }));
        }
    }

    private static Map<String, Object> field(long seed) {
        return Map.of("text", Long.toString(seed * 0x9e3779b97f4a7c15L, 36).repeat(11));
    }

    private <T> T write(Supplier<T> write) {
        T result = write.get();
        wake();
        return result;
    }

    /** Called after a write that does not go through this. */
    public void wake() {
        List.copyOf(listeners).forEach(Runnable::run);
    }

    /** Takes what another database has. */
    void take(List<Event> events) {
        CommitResult result = commit(new Commit(List.of(), events, Origin.LOCAL));
        if (!result.pending().isEmpty()) {
            throw new AssertionError("events without their ancestors");
        }
    }

    /** The complete events, parents first. */
    List<Event> events() {
        try (Snapshot snapshot = real.snapshot()) {
            List<Event> events = new ArrayList<>();
            snapshot.eventsSince(List.of()).forEachRemaining(cid -> events.add(snapshot.event(cid)));
            return events;
        }
    }

    /** The complete events' CIDs. */
    Set<Cid> cids() {
        try (Snapshot snapshot = real.snapshot()) {
            Set<Cid> cids = new LinkedHashSet<>();
            snapshot.eventsSince(List.of()).forEachRemaining(cids::add);
            return cids;
        }
    }

    List<Cid> heads() {
        return database.clock();
    }

    Map<String, Value> documents() {
        Map<String, Value> documents = new TreeMap<>();
        database.forEach(d -> documents.put(d.id(), d.value()));
        return documents;
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

    @Override
    public Optional<PeerFrontiers> peerFrontiers() {
        return real.peerFrontiers();
    }

    @Override
    public void close() {
        database.close();
    }
}
