package dev.livesync.database;

import static dev.livesync.database.Replicas.PEER;
import static dev.livesync.database.Replicas.documents;
import static dev.livesync.database.Replicas.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.Disks;
import dev.livesync.database.disk.FailingDisk;
import dev.livesync.database.disk.FailingDisk.Fault;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.maintenance.Verification;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is left after the process, or the disk, gave up at any moment. */
@ExtendWith(Quiet.class)
@Timeout(600)
class CrashTest {
    private static final DatabaseOptions SMALL =
            DatabaseOptions.builder().segmentBytes(4_096).random(new Random(3)).build();

    private static Database open(Disk disk) {
        return SimulatedDatabase.open(disk, SMALL);
    }

    /** What was acknowledged: the clock and the documents after each commit. */
    private record Acknowledged(List<Cid> clock, Map<String, String> documents, long pending) {
        static Acknowledged of(Database db) {
            return new Acknowledged(
                    db.clock(), Replicas.documents(db), db.summary().pending());
        }
    }

    @Test
    void aLogCutAnywhereInItsLastRecordsIsAPrefixOfWhatWasAcknowledged() {
        MemoryDisk disk = new MemoryDisk();
        Database db = open(disk);
        List<Acknowledged> history = new ArrayList<>();
        List<NavigableMap<String, byte[]>> disks = new ArrayList<>();
        Event absent = put("absent", "{}");
        List<Runnable> commits = List.of(
                () -> db.put("a", "{\"n\":1}"),
                () -> db.write(b -> b.put("b", "{}").put("c", "{}").delete("a")),
                () -> Replicas.commit(db, PEER, put("late", "{}", absent)),
                () -> db.put("d", Map.of("x", "y".repeat(3_000))),
                () -> db.delete("b"),
                () -> Replicas.commit(db, PEER, absent),
                () -> db.put("e", "{}"));
        history.add(Acknowledged.of(db));
        disks.add(Disks.bytes(disk));
        for (Runnable commit : commits) {
            commit.run();
            history.add(Acknowledged.of(db));
            disks.add(Disks.bytes(disk));
        }
        for (int last = commits.size(); last > 1; last--) {
            NavigableMap<String, byte[]> whole = disks.get(last);
            String file = whole.keySet().stream()
                    .filter(name -> name.startsWith("segment"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            byte[] before = disks.get(last - 1).get(file);
            // The header of a new file is durable before anything says that the file exists.
            int from = before == null ? 64 : before.length;
            int to = whole.get(file).length;
            for (int size = from; size <= to; size += to - size > 200 && size - from > 200 ? 61 : 1) {
                NavigableMap<String, byte[]> torn = new TreeMap<>(whole);
                for (String beside : List.of("checkpoint.idx", "highwater.mark")) { // as they were before the commit
                    torn.remove(beside);
                    torn.computeIfAbsent(beside, disks.get(last - 1)::get);
                }
                torn.put(file, Arrays.copyOf(whole.get(file), size));
                try (Database cut = open(Disks.of(torn))) {
                    Acknowledged expected = history.get(size == to ? last : last - 1);
                    assertThat(Acknowledged.of(cut))
                            .as("commit %d cut to %d", last, size)
                            .isEqualTo(expected);
                    cut.put("after", "{}");
                    assertThat(cut.verify().problems()).isEmpty();
                }
            }
        }
    }

    @Test
    void aWriteThatFailsChangesNothingAndTheNextOneWorks() {
        for (Fault fault : new Fault[] {Fault.WRITE, Fault.FORCE, Fault.CREATE}) {
            for (int successes = 0; successes < 3; successes++) {
                MemoryDisk memory = new MemoryDisk();
                FailingDisk disk = new FailingDisk(memory);
                Database db = open(disk);
                TreeMap<String, String> model = new TreeMap<>();
                Cursor start = db.replica().snapshot().cursor();
                int failures = 0;
                for (int i = 0; i < 40; i++) {
                    String id = "d" + i;
                    String json = "{\"x\":\"" + "y".repeat(i * 13 % 700) + "\"}";
                    List<Cid> clock = db.clock();
                    if (i % 4 == 1) {
                        disk.fail(fault, successes);
                    }
                    try {
                        db.put(id, json);
                        model.put(id, json);
                    } catch (SyncException e) {
                        assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE);
                        assertThat(e.getMessage()).contains("segment-").doesNotContain("\n");
                        assertThat(db.clock()).isEqualTo(clock);
                        failures++;
                    }
                    assertThat(documents(db)).isEqualTo(model);
                    if (i % 4 == 3) {
                        disk.fail(Fault.NONE);
                    }
                }
                disk.fail(Fault.NONE);
                assertThat(failures).as("%s after %d", fault, successes).isPositive();
                assertThat(db.verify().problems()).isEmpty();
                List<Cid> feed = Replicas.events(Replicas.feed(db.replica(), start, 7));
                assertThat(feed).hasSize(model.size());
                Disk copy = Disks.of(Disks.bytes(memory)); // a kill right now
                db.close();
                for (Disk left : List.of(copy, memory)) {
                    try (Database again = open(left)) {
                        assertThat(documents(again)).isEqualTo(model);
                        assertThat(Replicas.events(Replicas.feed(again.replica(), start, 7)))
                                .isEqualTo(feed);
                    }
                }
            }
        }
    }

    @Test
    void aTreeThatWasOnlyHalfWrittenIsNoHarm() {
        Database author = Database.inMemory();
        author.write(b -> {
            for (int i = 0; i < 5_000; i++) {
                b.put("d" + i, Map.of("text", "x".repeat(1_000)));
            }
        });
        for (int successes = 0; successes < 3; successes++) {
            MemoryDisk memory = new MemoryDisk();
            FailingDisk disk = new FailingDisk(memory);
            Database db = open(disk);
            Replicas.commit(db, Replicas.events(author));
            disk.fail(Fault.FORCE, successes);
            assertThatThrownBy(() -> db.put("x", "{}")).isInstanceOf(SyncException.class);
            Disk killed = Disks.of(Disks.bytes(memory));
            disk.fail(Fault.NONE);
            Cid ours = db.put("x", "{}");
            db.close();
            try (Database again = open(killed)) {
                assertThat(again.clock()).isEqualTo(author.clock());
                assertThat(again.put("x", "{}")).isEqualTo(ours);
                assertThat(again.verify().problems()).isEmpty();
            }
        }
        author.close();
    }

    @Test
    void killedAtRandomMoments() {
        killAtRandom(40);
    }

    @Test
    @Tag("soak")
    void killedAtRandomMomentsForLong() {
        killAtRandom(4_000);
    }

    /** A life of many processes: each does something, and ends in the middle of a write. */
    private static void killAtRandom(int processes) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        MemoryDisk disk = new MemoryDisk();
        Event[] absent = {put("absent", "{}")};
        for (int process = 0; process < processes; process++) {
            String as = "seed " + seed + " process " + process;
            FailingDisk failing = new FailingDisk(disk);
            Database db = open(failing);
            Acknowledged acknowledged = Acknowledged.of(db);
            assertThat(db.verify().problems()).as(as).isEmpty();
            failing.fail(random.nextBoolean() ? Fault.WRITE : Fault.CREATE, random.nextInt(12));
            try {
                for (int i = 0; i < 30; i++) {
                    something(db, random, absent);
                    acknowledged = Acknowledged.of(db);
                }
            } catch (SyncException e) {
                assertThat(e.kind()).as(as).isEqualTo(ErrorKind.STORAGE);
            }
            disk = Disks.of(Disks.bytes(disk));
            try (Database again = open(disk)) {
                assertThat(Acknowledged.of(again)).as(as).isEqualTo(acknowledged);
            }
            if (random.nextInt(20) == 0) {
                disk = new MemoryDisk();
            }
        }
    }

    private static void something(Database db, Random random, Event[] absent) {
        String id = "k" + random.nextInt(20);
        switch (random.nextInt(6)) {
            case 0 -> db.write(b -> b.put(id, "{}").put(id + "b", "{}").put("x", "{}"));
            case 1 -> Replicas.commit(db, PEER, put(id, "{\"r\":" + random.nextInt() + "}", absent[0]));
            case 2 -> {
                Replicas.commit(db, PEER, absent[0]);
                absent[0] = put("absent", "{\"n\":" + random.nextInt() + "}");
            }
            default -> db.put(id, Map.of("text", "z".repeat(random.nextInt(2_000))));
        }
    }

    @Test
    void aDiskThatStaysBrokenCanStillBeReadFrom() {
        FailingDisk disk = new FailingDisk(new MemoryDisk());
        Database db = open(disk);
        db.put("a", "{}");
        disk.fail(Fault.FORCE);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> db.put("b", "{}"))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE));
            assertThat(db.get("a")).isPresent();
            assertThat(db.get("b")).isEmpty();
            assertThat(db.verify().problems()).isEmpty();
        }
        disk.fail(Fault.NONE);
        db.put("b", "{}");
        assertThat(db.all()).hasSize(2);
        disk.fail(Fault.FORCE);
        assertThatThrownBy(() -> db.put("c", "{}")).isInstanceOf(SyncException.class);
        db.close();
    }

    @Test
    void ofManyWritersOnAFailingDiskNoneIsToldALie() throws InterruptedException {
        for (int round = 0; round < 5; round++) {
            MemoryDisk memory = new MemoryDisk();
            FailingDisk disk = new FailingDisk(memory);
            Database db = open(disk);
            Set<String> acknowledged = ConcurrentHashMap.newKeySet();
            Set<String> refused = ConcurrentHashMap.newKeySet();
            List<Throwable> strange = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 6; t++) {
                int thread = t;
                threads.add(new Thread(() -> {
                    for (int i = 0; i < 30; i++) {
                        String id = thread + "-" + i;
                        try {
                            db.put(id, "{}");
                            acknowledged.add(id);
                        } catch (SyncException e) {
                            refused.add(id);
                        } catch (RuntimeException e) {
                            strange.add(e);
                        }
                        if (i % 10 == 5) {
                            disk.fail(thread % 2 == 0 ? Fault.FORCE : Fault.NONE, 1);
                        }
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread t : threads) {
                t.join();
            }
            disk.fail(Fault.NONE);
            assertThat(strange).isEmpty();
            db.put("last", "{}");
            acknowledged.add("last");
            for (Database each : List.of(db, open(Disks.of(Disks.bytes(memory))))) {
                assertThat(documents(each).keySet()).containsExactlyInAnyOrderElementsOf(acknowledged);
                assertThat(each.verify().problems()).isEmpty();
                each.close();
            }
        }
    }

    @Test
    void damageUnderAnOpenDatabaseIsNamedAndTheRestWorks() {
        MemoryDisk memory = new MemoryDisk();
        Database db = Database.on(memory, null, SMALL.toBuilder().cacheBytes(0).build());
        db.put("good", "{\"n\":1}");
        Cid bad = db.put("bad", "{\"text\":\"find me in the log\"}");
        db.put("better", "{\"n\":2}");
        try (Snapshot s = db.replica().snapshot()) {
            Disks.damage(memory, s.event(bad).block().toByteArray());
        }
        assertThatThrownBy(() -> db.get("bad")).isInstanceOfSatisfying(SyncException.class, e -> {
            assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
            assertThat(e.getMessage())
                    .contains(bad.toString())
                    .contains("segment-00000001.log")
                    .contains("offset");
        });
        assertThat(db.get("good")).isPresent();
        assertThat(db.get("better")).isPresent();
        Verification verification = db.verify();
        assertThat(verification.ok()).isFalse();
        assertThat(verification.problems()).anyMatch(p -> p.contains(bad.toString()));
        assertThat(verification.problems()).anyMatch(p -> p.contains("does not match its checksum"));
        db.put("more", "{}");
        db.close();
        try (Database again = open(memory)) { // by the checkpoint
            assertThat(again.get("more")).isPresent();
            assertThat(again.verify().problems()).isEqualTo(verification.problems());
        }
        memory.delete("checkpoint.idx");
        assertThatThrownBy(() -> open(memory))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
                .hasMessageContaining("segment-00000001.log");
    }
}
