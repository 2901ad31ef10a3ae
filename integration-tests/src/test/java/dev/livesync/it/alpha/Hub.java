package dev.livesync.it.alpha;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.car.Keys;
import dev.livesync.database.Batch;
import dev.livesync.database.Database;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A LiveSync peer. The database's own wake-ups come from a thread; these come at once, so that a seed decides all. */
final class Hub implements Replica, AutoCloseable {
    private final Bench bench;
    private final String name;
    private final Database database = Database.inMemory();
    private final Replica real = database.replica();
    private final Set<Runnable> listeners = new LinkedHashSet<>();
    private final List<Session> opened = new ArrayList<>();
    private final Map<Cid, List<String>> mismatches = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private final Sync sync;

    Hub(Bench bench, String name) {
        this.bench = bench;
        this.name = name;
        sync = bench.sync(this)
                .listener(new SyncListener() {
                    @Override
                    public void sessionOpened(Session session) {
                        opened.add(session);
                    }

                    @Override
                    public void treeMismatch(Session session, Cid event, List<String> ids) {
                        mismatches.put(event, ids);
                    }

                    @Override
                    public void sessionClosed(Session session, dev.livesync.api.SyncException failure) {
                        if (failure != null) {
                            failures.add(failure.getMessage());
                        }
                    }
                })
                .build();
    }

    String name() {
        return name;
    }

    Sync sync() {
        return sync;
    }

    Database database() {
        return database;
    }

    Session latest() {
        return opened.get(opened.size() - 1);
    }

    /** What sessions have told of trees that are not what the events say. */
    Map<Cid, List<String>> mismatches() {
        return mismatches;
    }

    List<String> failures() {
        return failures;
    }

    void put(String id, Object value) {
        database.put(id, Map.of("v", value));
        wake();
    }

    void del(String id) {
        database.delete(id);
        wake();
    }

    void write(Consumer<Batch> batch) {
        run(() -> database.write(batch));
    }

    /** Does something to the database, and has the sessions look. */
    void run(Runnable action) {
        action.run();
        wake();
    }

    SortedMap<String, String> all() {
        SortedMap<String, String> documents = new TreeMap<>();
        database.forEach(d -> documents.put(d.id(), String.valueOf(d.toMap().get("v"))));
        return documents;
    }

    /** The events that were made to heal alphas. */
    List<Event> made() {
        List<Event> made = new ArrayList<>();
        try (Snapshot snapshot = snapshot()) {
            for (Iterator<Cid> cids = snapshot.eventsSince(List.of()); cids.hasNext(); ) {
                Event event = snapshot.event(cids.next());
                if (event.key().equals(Keys.RESERVED)) {
                    made.add(event);
                }
            }
        }
        return made;
    }

    private void wake() {
        List.copyOf(listeners).forEach(Runnable::run);
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

    /** Aborts first: a close would wait for tasks of sessions, which run on this very thread. */
    @Override
    public void close() {
        sync.sessions().forEach(Session::abort);
        bench.settle();
        sync.close();
        database.close();
    }
}
