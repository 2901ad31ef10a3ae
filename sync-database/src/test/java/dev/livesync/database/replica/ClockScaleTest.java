package dev.livesync.database.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.SimulatedDatabase;
import dev.livesync.database.history.Questions;
import dev.livesync.database.json.JsonReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What it costs to find out whether a document has changed since a clock, by the questions that are asked. No clock on the wall. */
class ClockScaleTest {
    private static final int MANY = 400;
    private static final Origin PEER = new Origin("session", "peer");
    private static final Cid SOME_ROOT = Cid.hash(Cid.DAG_CBOR, new byte[] {7});

    private static Event put(String id, int value, List<Cid> parents) {
        return Events.put(Keys.ofId(id), Encoded.of(JsonReader.object("{\"n\":" + value + "}")), SOME_ROOT, parents);
    }

    /** Many writers have written one document, and then something else. */
    private static List<Event> branches(List<Cid> heads) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Event branch = put("k", i, List.of());
            Event head = put("other" + i, i, List.of(branch.cid()));
            events.add(branch);
            events.add(head);
            heads.add(head.cid());
        }
        return events;
    }

    @Test
    void manyBranchesAndManyHeadsCostTheirSum() {
        try (Database db = Database.inMemory()) {
            db.replica().commit(new Commit(List.of(), branches(new ArrayList<>()), PEER));
            Document read = db.get("k").orElseThrow();
            assertThat(read.clock().orElseThrow()).hasSize(MANY);
            long before = Questions.of(SimulatedDatabase.replica(db).view().derived.graph);
            db.put(read.with("{\"mine\":1}"));
            assertThat(Questions.of(SimulatedDatabase.replica(db).view().derived.graph) - before)
                    .isLessThan(20L * MANY);
        }
    }

    @Test
    void oneBranchThatWasNotSeenIsAConflict() {
        try (Database db = Database.inMemory()) {
            List<Cid> heads = new ArrayList<>();
            db.replica().commit(new Commit(List.of(), branches(heads), PEER));
            for (int missing : new int[] {0, MANY / 2, MANY - 1}) {
                List<Cid> seen = new ArrayList<>(heads);
                seen.remove(missing);
                Document read = db.get("k").orElseThrow().withClock(seen);
                assertThatThrownBy(() -> db.put(read))
                        .isInstanceOfSatisfying(
                                SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT));
            }
            db.put(db.get("k").orElseThrow().withClock(heads));
        }
    }
}
