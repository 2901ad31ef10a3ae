package dev.livesync.database;

import static dev.livesync.database.Replicas.PEER;
import static dev.livesync.database.Replicas.commit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.disk.Disks;
import dev.livesync.database.disk.MemoryDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Histories in which heads are many, or never have an ancestor in common, or part and meet again and again, written and exchanged as databases
 * do it. What they cost is counted in {@link dev.livesync.database.history.ScaleTest}.
 */
@ExtendWith(Quiet.class)
class LongHistoriesTest {
    private static final int KEYS = 50;

    private static String json(String writer, int n) {
        return "{\"n\":" + n + ",\"writer\":\"" + writer + "\"}";
    }

    private static Event event(Database db, Cid cid) {
        try (Snapshot snapshot = db.replica().snapshot()) {
            return Objects.requireNonNull(snapshot.event(cid));
        }
    }

    /** After a restart by the checkpoint and by the log it is the same, and again after a compaction. */
    private static void requireLasting(MemoryDisk disk) {
        try (Database db = SimulatedDatabase.open(disk, DatabaseOptions.defaults())) {
            Script.Seen seen = Script.Seen.of(db);
            NavigableMap<String, byte[]> files = Disks.bytes(disk);
            files.remove("checkpoint.idx");
            try (Database scanned = SimulatedDatabase.open(Disks.of(files), DatabaseOptions.defaults())) {
                assertThat(Script.Seen.of(scanned)).isEqualTo(seen);
            }
            db.compact();
            assertThat(Script.Seen.of(db)).isEqualTo(seen);
            assertThat(db.verify().problems()).isEmpty();
        }
    }

    @Test
    void twoWritersNeverInStep() {
        neverInStep(1_000);
    }

    @Test
    @Tag("soak")
    void twoWritersNeverInStepForAHundredThousandEvents() {
        neverInStep(100_000);
    }

    private static void neverInStep(int events) {
        MemoryDisk disk = new MemoryDisk();
        Map<String, String> expected = new TreeMap<>();
        try (Database a = SimulatedDatabase.open(disk, DatabaseOptions.defaults());
                Database b = Database.inMemory()) {
            commit(b, PEER, event(a, a.put("root", "{}")));
            expected.put("root", "{}");
            Event mine = event(a, a.put("contested", json("a", 0)));
            Event theirs = event(b, b.put("contested", json("b", 0)));
            for (int i = 1; i < events / 2; i++) {
                commit(a, PEER, theirs);
                commit(b, PEER, mine);
                mine = event(a, a.put("a" + i % KEYS, json("a", i)));
                theirs = event(b, b.put("b" + i % KEYS, json("b", i)));
                expected.put("a" + i % KEYS, json("a", i));
                expected.put("b" + i % KEYS, json("b", i));
            }
            commit(a, PEER, theirs);
            commit(b, PEER, mine);
            assertThat(a.clock()).hasSize(2).isEqualTo(b.clock());
            assertThat(Replicas.documents(a)).isEqualTo(Replicas.documents(b)).containsAllEntriesOf(expected);
            a.put("end", "{}");
            assertThat(a.clock()).hasSize(1);
        }
        requireLasting(disk);
    }

    @Test
    void manyBranchesFromOneEvent() {
        branches(200);
    }

    @Test
    @Tag("soak")
    void thousandsOfBranchesFromOneEvent() {
        branches(5_000);
    }

    private static void branches(int branches) {
        MemoryDisk disk = new MemoryDisk();
        Map<String, String> expected = new TreeMap<>();
        try (Database db = SimulatedDatabase.open(disk, DatabaseOptions.defaults())) {
            Event root = event(db, db.put("root", "{}"));
            expected.put("root", "{}");
            List<Event> events = new ArrayList<>();
            for (int i = 0; i < branches; i++) {
                events.add(Replicas.put("d" + i, json("peer", i), root));
                expected.put("d" + i, json("peer", i));
            }
            for (Event e : events) {
                commit(db, PEER, e);
            }
            assertThat(db.clock())
                    .hasSize(Math.min(branches, DatabaseOptions.defaults().mostHeads()));
            assertThat(Replicas.documents(db)).isEqualTo(expected);
            db.put("merge", "{}");
            expected.put("merge", "{}");
            assertThat(db.clock()).hasSize(1);
            assertThat(Replicas.documents(db)).isEqualTo(expected);
        }
        requireLasting(disk);
    }

    @Test
    void moreBranchesThanAnEventCanName() {
        try (Database db = Database.inMemory()) {
            Event root = event(db, db.put("root", "{}"));
            List<Event> branches = new ArrayList<>();
            for (int i = 0; i < 10_001; i++) {
                branches.add(Replicas.put("d" + i, json("peer", i), root));
            }
            commit(db, branches);
            db.put("mine", "{}");
            assertThat(db.clock()).hasSize(1);
            assertThat(db.get("d10000")).isPresent();
        }
    }

    @Test
    void diamondsInARow() {
        diamonds(500);
    }

    @Test
    @Tag("soak")
    void tenThousandDiamondsInARow() {
        diamonds(10_000);
    }

    private static void diamonds(int diamonds) {
        MemoryDisk disk = new MemoryDisk();
        Map<String, String> expected = new TreeMap<>();
        try (Database db = SimulatedDatabase.open(disk, DatabaseOptions.defaults())) {
            Event last = event(db, db.put("end", json("end", 0)));
            for (int i = 1; i <= diamonds; i++) {
                Event left = Replicas.put("left" + i % KEYS, json("left", i), last);
                Event right = Replicas.put("right" + i % KEYS, json("right", i), last);
                commit(db, PEER, left, right);
                expected.put("left" + i % KEYS, json("left", i));
                expected.put("right" + i % KEYS, json("right", i));
                last = event(db, db.put("end", json("end", i)));
                expected.put("end", json("end", i));
            }
            assertThat(db.clock()).containsExactly(last.cid());
            assertThat(Replicas.documents(db)).isEqualTo(expected);
        }
        requireLasting(disk);
    }
}
