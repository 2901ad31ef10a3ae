package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Events for tests, and what a replica tells of them. */
final class PostgresEvents {
    static final Origin ALICE = new Origin("session of alice", "alice");

    /** What events name as their tree; nobody has it. */
    static final Cid TREE = Cid.hash(Cid.DAG_CBOR, new byte[] {1});

    private PostgresEvents() {}

    static Event put(String key, Event... parents) {
        return put(key, "value of " + key, parents);
    }

    static Event put(String key, String value, Event... parents) {
        return Events.put(
                Keys.ofId(key),
                Encoded.of(new Value.Mapping(Map.of("text", new Value.Text(value)))),
                TREE,
                Arrays.stream(parents).map(Event::cid).toList());
    }

    static Commit commit(Event... events) {
        return new Commit(List.of(), List.of(events), ALICE);
    }

    static Commit commit(Block block) {
        return new Commit(List.of(block), List.of(), ALICE);
    }

    static Cursor beginning(Replica empty) {
        try (Snapshot snapshot = empty.snapshot()) {
            return snapshot.cursor();
        }
    }

    static List<Cid> feed(Replica replica, Cursor from) {
        List<Cid> all = new ArrayList<>();
        Cursor at = from;
        for (Changes page = replica.changes(at, 100); !page.changes().isEmpty(); page = replica.changes(at, 100)) {
            page.changes().stream().map(Change::events).forEach(all::addAll);
            at = page.next();
        }
        return all;
    }
}
