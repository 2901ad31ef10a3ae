package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.disk.Disks;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.maintenance.RepairResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A repair keeps what is intact, and a sync brings the rest. */
@ExtendWith(Quiet.class)
@Timeout(300)
class RepairTest {
    private static MemoryDisk filled(int puts) {
        MemoryDisk disk = new MemoryDisk();
        try (Database db = SimulatedDatabase.open(disk, Script.options(1))) {
            for (int i = 0; i < puts; i++) {
                db.put("d" + i % 40, Map.of("n", i, "text", "t".repeat(200)));
            }
        }
        return disk;
    }

    @Test
    void whatIsIntactChangesNothing() {
        MemoryDisk disk = filled(50);
        NavigableMap<String, byte[]> before = Disks.bytes(disk);
        RepairResult result = Database.repair(() -> disk, null, Script.options(2));
        assertThat(result.problems()).isEmpty();
        assertThat(result.segments()).isZero();
        before.forEach((name, bytes) ->
                assertThat(Disks.bytes(disk).get(name)).as(name).startsWith(bytes));
    }

    @Test
    void onlyTheDamagedEventsAreLostAndASyncBringsThem() {
        MemoryDisk disk = filled(80);
        Database whole = SimulatedDatabase.open(Disks.of(Disks.bytes(disk)), Script.options(3));
        List<Event> events = Replicas.events(whole);
        Cursor old;
        try (Snapshot snapshot = whole.replica().snapshot()) {
            old = snapshot.cursor();
        }
        for (int lost : List.of(20, 60)) {
            byte[] bytes = new byte[events.get(lost).block().size()];
            events.get(lost).block().bytes().get(bytes);
            Disks.damage(disk, bytes);
        }
        disk.delete("checkpoint.idx");
        RepairResult result = Database.repair(() -> disk, null, Script.options(2));
        assertThat(result.problems())
                .anyMatch(p -> p.contains(events.get(20).cid().toString()));
        assertThat(result.problems())
                .anyMatch(p -> p.contains(events.get(60).cid().toString()));
        assertThat(result.after().problems()).isEmpty();
        assertThat(result.after().events() + result.after().pending()).isEqualTo(78);
        try (Database db = SimulatedDatabase.open(disk, Script.options(4))) {
            assertThatThrownBy(() -> db.replica().changes(old, 10))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CURSOR_EXPIRED));
            Replicas.commit(db, events);
            assertThat(Script.Seen.of(db)).isEqualTo(Script.Seen.of(whole));
            db.put("after", "{}");
            assertThat(db.verify().problems()).isEmpty();
        }
        whole.close();
    }

    @Test
    void theMarkOfARepairSurvivesCompaction() {
        MemoryDisk disk = filled(80);
        Cursor old;
        byte[] lost;
        try (Database db = SimulatedDatabase.open(disk, Script.options(3));
                Snapshot snapshot = db.replica().snapshot()) {
            old = snapshot.cursor();
            lost = Replicas.events(db).get(79).block().toByteArray();
        }
        Disks.damage(disk, lost);
        disk.delete("checkpoint.idx");
        Database.repair(() -> disk, null, Script.options(2));
        for (int round = 0; round < 2; round++) {
            try (Database db = SimulatedDatabase.open(disk, Script.options(4))) {
                assertThatThrownBy(() -> db.replica().changes(old, 10))
                        .isInstanceOfSatisfying(
                                SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CURSOR_EXPIRED));
                for (int i = 0; i < 5; i++) { // so that there are dead nodes around the mark
                    db.put("more", "{\"n\":" + (5 * round + i) + "}");
                }
                db.compact();
            }
            disk.delete("checkpoint.idx");
        }
    }

    /** A record has what it holds at its beginning, and then all blocks. */
    @Test
    void ofALargeRecordThatIsCutEachWholeBlockIsKept() {
        MemoryDisk written = new MemoryDisk();
        List<Event> events;
        try (Database db = SimulatedDatabase.open(written, Script.options(1))) {
            db.write(batch -> IntStream.range(0, 400).forEach(i -> batch.put("d" + i, "{\"n\":" + i + "}")));
            events = Replicas.events(db);
        }
        Map<String, byte[]> files = Disks.bytes(written);
        String segment = files.keySet().stream()
                .filter(n -> n.startsWith("segment"))
                .findFirst()
                .orElseThrow();
        byte[] all = files.get(segment);
        byte[] cut = Arrays.copyOf(all, all.length * 3 / 4);
        files.put(segment, cut);
        String left = new String(cut, StandardCharsets.ISO_8859_1);
        long whole = events.stream()
                .filter(e -> left.contains(new String(e.block().toByteArray(), StandardCharsets.ISO_8859_1)))
                .count();
        assertThat(whole).isBetween(100L, 399L);
        MemoryDisk disk = Disks.of(files);
        RepairResult result = Database.repair(() -> disk, null, Script.options(2));
        assertThat(result.problems()).isNotEmpty();
        assertThat(result.after().events() + result.after().pending()).isEqualTo(whole);
        try (Database db = SimulatedDatabase.open(disk, Script.options(4))) {
            Replicas.commit(db, events);
            assertThat(db.summary().documents()).isEqualTo(400);
        }
    }

    @Test
    void aBitAnywhereIsMended() {
        long seed = System.nanoTime();
        Map<String, byte[]> files = Disks.bytes(filled(60));
        Database whole = SimulatedDatabase.open(Disks.of(files), Script.options(3));
        List<Event> events = Replicas.events(whole);
        List<String> segments =
                files.keySet().stream().filter(n -> n.startsWith("segment")).toList();
        for (int i = 0; i < 150; i++) {
            Random random = new Random(seed + i);
            String name = segments.get(random.nextInt(segments.size()));
            byte[] bytes = files.get(name);
            int at = random.nextInt(bytes.length);
            bytes[at] ^= 4;
            MemoryDisk disk = Disks.of(files);
            bytes[at] ^= 4;
            try {
                disk.delete("checkpoint.idx");
                RepairResult result = Database.repair(() -> disk, null, Script.options(2));
                assertThat(result.after().problems()).isEmpty();
                assertThat(result.after().events() + result.after().pending())
                        .as("all but what one record held")
                        .isGreaterThanOrEqualTo(59);
                try (Database db = SimulatedDatabase.open(disk, Script.options(4))) {
                    Replicas.commit(db, events);
                    assertThat(Script.Seen.of(db)).isEqualTo(Script.Seen.of(whole));
                }
            } catch (AssertionError | SyncException e) {
                throw new AssertionError("seed " + (seed + i) + ", " + name + " at " + at + ": " + e.getMessage(), e);
            }
        }
        whole.close();
    }
}
