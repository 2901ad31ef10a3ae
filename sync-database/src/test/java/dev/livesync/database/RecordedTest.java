package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The alpha's recorded exchanges: what it sent means the same here, and the same puts make the same blocks. */
class RecordedTest {
    private static final Origin PEER = new Origin("session", "alpha");

    private static Map<String, String> documents(Database database) {
        Map<String, String> documents = new TreeMap<>();
        database.forEach(d -> documents.put(d.id(), d.json()));
        return documents;
    }

    private static List<Cid> stored(Database database) {
        try (Snapshot snapshot = database.replica().snapshot()) {
            List<Cid> cids = new ArrayList<>();
            snapshot.storedCids().forEachRemaining(cids::add);
            return cids;
        }
    }

    private static Database withThree() {
        Database database = Database.inMemory();
        database.put("a1s35c", "{\"name\":\"alice\",\"age\":40}");
        database.put("b2s35c", "{\"name\":\"bob\",\"age\":40}");
        database.put("f4s35c", "{\"name\":\"frank\",\"age\":7}");
        return database;
    }

    private static void receive(Database database, String... cars) {
        for (String car : cars) {
            CommitResult result = database.replica().commit(Recorded.commit(car, PEER));
            assertThat(result.pending()).as(car).isEmpty();
        }
    }

    @Test
    void threePutsMakeTheRecordedBlocksInTheRecordedOrder() {
        try (Database database = withThree()) {
            List<Cid> recorded = Recorded.cids("a-empty-vs-3-02-A");
            assertThat(database.clock()).isEqualTo(recorded.subList(0, 1));
            assertThat(stored(database)).isEqualTo(recorded.subList(1, recorded.size()));
        }
    }

    @Test
    void aHundredPutsMakeTheRecordedBlocksInTheRecordedOrder() {
        try (Database database = Database.inMemory()) {
            for (int i = 0; i < 100; i++) {
                database.put(String.format("doc%04d", i), Map.of("n", i));
            }
            List<Cid> recorded = Recorded.cids("i-100-docs-02-A");
            assertThat(database.clock()).isEqualTo(recorded.subList(0, 1));
            assertThat(stored(database)).isEqualTo(recorded.subList(1, recorded.size()));
        }
    }

    @Test
    void aRecordedCarBringsItsDocumentsAndClock() {
        try (Database database = Database.inMemory();
                Database ours = withThree()) {
            receive(database, "a-empty-vs-3-03-A");
            assertThat(documents(database)).isEqualTo(documents(ours)).hasSize(3);
            assertThat(database.clock()).isEqualTo(ours.clock());
        }
        try (Database database = Database.inMemory()) {
            receive(database, "i-100-docs-03-A");
            assertThat(documents(database)).hasSize(100).containsEntry("doc0042", "{\"n\":42}");
            assertThat(database.clock())
                    .isEqualTo(Recorded.cids("i-100-docs-02-A").subList(0, 1));
        }
        try (Database database = Database.inMemory()) {
            receive(database, "k-random-order-100-A");
            assertThat(documents(database)).hasSize(100);
        }
    }

    @Test
    void livePutsAndDeletesFollowAndAreReproduced() {
        try (Database received = withThree();
                Database ours = withThree()) {
            receive(received, "d-live-05-A", "d-live-06-B", "d-live-07-A");
            ours.put("carol", "{\"name\":\"carol\"}");
            ours.put("dave", "{\"name\":\"dave\"}");
            ours.put("carol", "{\"name\":\"Carol2\"}");
            assertThat(received.clock()).isEqualTo(ours.clock());
            assertThat(documents(received)).isEqualTo(documents(ours)).containsEntry("carol", "{\"name\":\"Carol2\"}");
            assertThat(stored(received)).containsExactlyElementsOf(stored(ours));
        }
        try (Database received = withThree();
                Database ours = withThree()) {
            receive(received, "e-delete-05-A", "e-delete-06-B", "e-delete-07-B");
            ours.delete("b2s35c");
            ours.delete("a1s35c");
            ours.delete("f4s35c");
            assertThat(received.clock()).isEqualTo(ours.clock());
            assertThat(documents(received)).isEqualTo(documents(ours)).isEmpty();
            assertThat(stored(received)).containsExactlyElementsOf(stored(ours));
        }
    }

    @Test
    void concurrentChangesMergeAsRecorded() {
        try (Database a = withThree();
                Database b = withThree()) {
            a.put("a1s35c", "{\"name\":\"AA\"}");
            b.put("a1s35c", "{\"name\":\"BB\"}");
            assertThat(stored(a)).isEqualTo(withoutClock("g-concurrent-02-A"));
            assertThat(stored(b)).isEqualTo(withoutClock("g-concurrent-01-B"));
            receive(a, "g-concurrent-04-B");
            receive(b, "g-concurrent-03-A");
            assertThat(a.clock()).hasSize(2).isEqualTo(b.clock());
            assertThat(a.get("a1s35c")).map(Document::json).contains("{\"name\":\"AA\"}");
            receive(b, "g-concurrent-05-A");
            Cid merged = a.put("after-merge", "{\"v\":1}");
            assertThat(b.clock()).containsExactly(merged);
            assertThat(documents(a)).isEqualTo(documents(b)).hasSize(4).containsEntry("a1s35c", "{\"name\":\"AA\"}");
        }
    }

    private static List<Cid> withoutClock(String diff) {
        List<Cid> recorded = Recorded.cids(diff);
        return recorded.subList(1, recorded.size());
    }

    /** An alpha with two heads omits the first events; they come later, here from another CAR. */
    @Test
    void anIncompleteSenderLeavesItsEventsPending() {
        try (Database database = Database.inMemory()) {
            Commit commit = Recorded.commit("j-two-heads-to-fresh-A", PEER);
            CommitResult result = database.replica().commit(commit);
            assertThat(result.accepted()).isEmpty();
            assertThat(result.pending())
                    .containsExactlyInAnyOrderElementsOf(
                            commit.events().stream().map(Event::cid).toList());
            assertThat(result.missing()).hasSize(1);
            assertThat(database.clock()).isEmpty();
            assertThat(database.all()).isEmpty();
            assertThat(stored(database)).hasSize(4);
            receive(database, "a-empty-vs-3-03-A");
            assertThat(database.clock()).hasSize(2);
            assertThat(documents(database)).hasSize(3);
            assertThat(database.summary().pending()).isZero();
        }
    }

    /** A named alpha wraps its live CAR in a storage header: the event in it counts all the same. */
    @Test
    void aStorageHeaderIsJustABlock() {
        try (Database database = Database.inMemory()) {
            Commit commit = Recorded.commit("f-named-live-A", PEER);
            assertThat(commit.events()).isNotEmpty();
            CommitResult result = database.replica().commit(commit);
            assertThat(stored(database))
                    .hasSize(commit.blocks().size() + commit.events().size());
            assertThat(result.accepted().size() + result.pending().size())
                    .isEqualTo(commit.events().size());
        }
    }
}
