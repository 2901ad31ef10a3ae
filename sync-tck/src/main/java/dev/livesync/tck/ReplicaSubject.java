package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Replicated;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A replica under test, and beside it the oracle: what is committed through here goes to both. */
final class ReplicaSubject {
    private final ReplicaStore store;
    private @Nullable Replicated database;
    final ReplicaOracle oracle = new ReplicaOracle();

    ReplicaSubject(ReplicaStore store) throws Exception {
        this.store = store;
        database = store.open();
    }

    ReplicaStore store() {
        return store;
    }

    boolean has(StoreFeature feature) {
        return store.features().contains(feature);
    }

    Replicated database() {
        if (database == null) {
            throw new IllegalStateException("the store is closed");
        }
        return database;
    }

    Replica replica() {
        return database().replica();
    }

    void close() throws Exception {
        database = null;
        store.close();
    }

    /** Closes and opens the store. */
    void restart() throws Exception {
        close();
        database = store.open();
    }

    /** Opens the store after a crash. */
    void crash() throws Exception {
        database = null;
        store.crash();
        database = store.open();
    }

    CommitResult commit(Commit commit) {
        CommitResult result = replica().commit(commit);
        oracle.commit(commit);
        return result;
    }

    CommitResult commit(Origin origin, List<Event> events) {
        return commit(new Commit(List.of(), events, origin));
    }

    CommitResult commit(Event... events) {
        return commit(Make.ALICE, List.of(events));
    }

    CommitResult commit(Block... blocks) {
        return commit(new Commit(List.of(blocks), List.of(), Make.ALICE));
    }

    /** Looks at one snapshot. */
    <T> T look(Function<Snapshot, T> at) {
        try (Snapshot snapshot = replica().snapshot()) {
            return at.apply(snapshot);
        }
    }

    Cursor now() {
        return look(Snapshot::cursor);
    }

    List<Cid> heads() {
        return look(Snapshot::heads);
    }

    List<Cid> stored() {
        return look(s -> list(s.storedCids()));
    }

    Summary summary() {
        return look(Snapshot::summary);
    }

    /** Those of some events that a snapshot hands out as complete. */
    Set<Cid> shown(List<Cid> events) {
        return look(s -> {
            Set<Cid> shown = new HashSet<>(events);
            shown.removeIf(cid -> s.event(cid) == null);
            return shown;
        });
    }

    /** Everything that a snapshot tells without being asked about one event. */
    Seen seen() {
        return look(Seen::of);
    }

    /** The feed from a cursor to its end, in pages. */
    List<Change> feed(Cursor from, int page) {
        return feed(replica(), from, page);
    }

    static List<Change> feed(Replica replica, Cursor from, int page) {
        List<Change> all = new ArrayList<>();
        Cursor at = from;
        for (int pages = 0; pages < 100_000; pages++) {
            Changes changes = replica.changes(at, page);
            if (changes.changes().isEmpty()) {
                return all;
            }
            all.addAll(changes.changes());
            at = changes.next();
        }
        throw new AssertionError(
                "the feed does not end: 100,000 pages of up to " + page + " events, and none is empty");
    }

    static List<Cid> events(List<Change> feed) {
        return feed.stream().flatMap(c -> c.events().stream()).toList();
    }

    static <T> List<T> list(Iterator<T> iterator) {
        List<T> list = new ArrayList<>();
        iterator.forEachRemaining(list::add);
        return list;
    }
}
