package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.json.JsonReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What tests do to replicas. */
final class Replicas {
    static final Origin PEER = new Origin("session-1", "peer-1");
    static final Origin OTHER = new Origin("session-2", "peer-2");

    private static final Cid SOME_ROOT = Cid.hash(Cid.DAG_CBOR, new byte[] {7});

    private Replicas() {}

    static AbstractThrowableAssert<?, ? extends Throwable> assertKind(ErrorKind kind, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    /** A put that closes: it claims some tree, which nobody has. */
    static Event put(String id, String json, Event... parents) {
        return put(id, json, SOME_ROOT, parents);
    }

    static Event put(String id, String json, Cid root, Event... parents) {
        return Events.put(
                Keys.ofId(id),
                Encoded.of(JsonReader.object(json)),
                root,
                Arrays.stream(parents).map(Event::cid).sorted().toList());
    }

    /** Whether a root is that of {@link #put}. */
    static boolean isSome(Cid root) {
        return SOME_ROOT.equals(root);
    }

    /** A put inside a batch. */
    static Event interiorPut(String id, String json, Event... parents) {
        return put(id, json, null, parents);
    }

    static Event delete(String id, boolean root, Event... parents) {
        return Events.delete(
                Keys.ofId(id),
                root ? SOME_ROOT : null,
                Arrays.stream(parents).map(Event::cid).sorted().toList());
    }

    static CommitResult commit(Database db, Origin origin, Event... events) {
        return db.replica().commit(new Commit(List.of(), List.of(events), origin));
    }

    static CommitResult commit(Database db, List<Event> events) {
        return db.replica().commit(new Commit(List.of(), events, PEER));
    }

    static List<Cid> cids(Event... events) {
        return Arrays.stream(events).map(Event::cid).toList();
    }

    static Map<String, String> documents(Database db) {
        Map<String, String> documents = new TreeMap<>();
        db.forEach(d -> documents.put(d.id(), d.json()));
        return documents;
    }

    static List<Cid> stored(Database db) {
        try (Snapshot snapshot = db.replica().snapshot()) {
            List<Cid> cids = new ArrayList<>();
            snapshot.storedCids().forEachRemaining(cids::add);
            return cids;
        }
    }

    /** All complete events, in causal order. */
    static List<Event> events(Database db) {
        try (Snapshot snapshot = db.replica().snapshot()) {
            List<Event> events = new ArrayList<>();
            snapshot.eventsSince(List.of()).forEachRemaining(cid -> events.add(snapshot.event(cid)));
            return events;
        }
    }

    /** Everything that is stored besides events. */
    static List<Block> nodes(Database db) {
        try (Snapshot snapshot = db.replica().snapshot()) {
            List<Block> nodes = new ArrayList<>();
            snapshot.storedCids().forEachRemaining(cid -> {
                Block block = snapshot.block(cid);
                if (!Events.looksLikeEvent(block)) {
                    nodes.add(block);
                }
            });
            return nodes;
        }
    }

    /** The feed from a cursor to its end, in pages. */
    static List<Change> feed(Replica replica, Cursor from, int page) {
        List<Change> all = new ArrayList<>();
        Cursor at = from;
        while (true) {
            Changes changes = replica.changes(at, page);
            if (changes.changes().isEmpty()) {
                return all;
            }
            all.addAll(changes.changes());
            at = changes.next();
        }
    }

    static List<Cid> events(List<Change> feed) {
        return feed.stream().flatMap(c -> c.events().stream()).toList();
    }

    /**
     * A history of several writers who hear of each other now and then: forks, merges, batches, deletes, several roots.
     *
     * @return a database that has all of it
     */
    static Database history(Random random, int steps) {
        List<Database> writers = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(3); i++) {
            writers.add(Database.inMemory());
        }
        for (int step = 0; step < steps; step++) {
            Database db = writers.get(random.nextInt(writers.size()));
            int what = random.nextInt(10);
            String id = "k" + random.nextInt(12);
            if (what < 4) {
                db.put(id, "{\"v\":" + random.nextInt(1000) + "}");
            } else if (what < 6 && db.get(id).isPresent()) {
                db.delete(id);
            } else if (what < 8) {
                int size = random.nextInt(8);
                boolean clear = random.nextInt(4) == 0;
                db.write(batch -> {
                    if (clear) {
                        db.all().forEach(d -> batch.delete(d.id()));
                    }
                    for (int i = 0; !clear && i < size; i++) {
                        batch.put("k" + random.nextInt(12), "{\"b\":" + random.nextInt(1000) + "}");
                    }
                });
            } else {
                Database from = writers.get(random.nextInt(writers.size()));
                commit(db, events(from));
            }
        }
        Database all = Database.inMemory();
        for (Database writer : writers) {
            all.replica().commit(new Commit(nodes(writer), events(writer), PEER));
            writer.close();
        }
        return all;
    }
}
