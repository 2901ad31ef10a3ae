package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.disk.Disks;
import dev.livesync.database.disk.FailingDisk;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.maintenance.CompactionResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Superseded trees go, everything else stays, whoever is reading or writing meanwhile. */
@ExtendWith(Quiet.class)
@Timeout(300)
class CompactionTest {
    private static final DatabaseOptions OPTIONS = DatabaseOptions.builder()
            .segmentBytes(1 << 16)
            .random(new Random(1))
            .maintenance(Runnable::run)
            .build();
    /** Never by itself. */
    private static final DatabaseOptions LARGE = DatabaseOptions.builder().build();

    private static Database open(MemoryDisk disk) {
        return SimulatedDatabase.open(disk, LARGE);
    }

    private static void overwrite(Database db, int times) {
        for (int i = 0; i < times; i++) {
            db.put("d" + i % 50, Map.of("n", i, "text", "t".repeat(100)));
        }
    }

    private static int segments(MemoryDisk disk) {
        return (int) disk.list().stream().filter(n -> n.startsWith("segment")).count();
    }

    private static long bytes(List<Block> blocks) {
        return blocks.stream().mapToLong(Block::size).sum();
    }

    @Test
    void returnsWhatSupersededTreesTook() {
        MemoryDisk disk = new MemoryDisk();
        Database db = open(disk);
        Cursor start = cursor(db);
        overwrite(db, 1_000);
        Script.Seen seen = Script.Seen.of(db);
        List<Event> events = Replicas.events(db);
        long nodes = bytes(Replicas.nodes(db));
        long before = size(disk);
        CompactionResult result = db.compact();
        long superseded = nodes - bytes(Replicas.nodes(db));
        assertThat(superseded).isGreaterThan(nodes * 9 / 10);
        assertThat(before - size(disk)).isGreaterThan(superseded * 8 / 10);
        assertThat(result.bytesBefore() - result.bytesAfter()).isGreaterThan(superseded * 8 / 10);
        for (int round = 0; round < 2; round++) {
            assertThat(Script.Seen.of(db)).isEqualTo(seen);
            assertThat(Replicas.events(db)).isEqualTo(events);
            assertThat(db.verify().problems()).isEmpty();
            List<Change> feed = Replicas.feed(db.replica(), start, 10);
            assertThat(Replicas.events(feed))
                    .isEqualTo(events.stream().map(Event::cid).toList());
            try (Snapshot s = db.replica().snapshot()) {
                assertThat(feed)
                        .allSatisfy(c -> assertThat(s.missing(c.nodes())).isEmpty());
                Event middle = events.get(500);
                assertThat(s.tree(middle.cid()).root()).as("made again").isEqualTo(middle.root());
            }
            db.close();
            if (round == 0) {
                disk.delete("checkpoint.idx");
            }
            db = open(disk);
        }
        overwrite(db, 10);
        assertThat(db.verify().problems()).isEmpty();
        db.close();
    }

    private static long size(MemoryDisk disk) {
        return Disks.bytes(disk).entrySet().stream()
                .filter(e -> e.getKey().startsWith("segment"))
                .mapToLong(e -> e.getValue().length)
                .sum();
    }

    private static Cursor cursor(Database db) {
        try (Snapshot s = db.replica().snapshot()) {
            return s.cursor();
        }
    }

    /** A compaction leaves alone the files in which little is dead; they must not be forgotten for it. */
    @Test
    void whatWasPassedOverIsNotForgotten() {
        MemoryDisk disk = new MemoryDisk();
        long bytes;
        int segments;
        DatabaseOptions options = DatabaseOptions.builder()
                .segmentBytes(1 << 18)
                .random(new Random(1))
                .build();
        try (Database db = SimulatedDatabase.open(disk, options)) {
            for (int i = 0; i < 6; i++) {
                int from = 500 * i;
                db.write(batch -> {
                    for (int n = from; n < from + 500; n++) {
                        batch.put("d" + n, Map.of("n", n, "text", "t".repeat(100)));
                    }
                });
            }
            Random random = new Random(7);
            for (int i = 0; i < 4_000; i++) {
                db.put("d" + random.nextInt(3_000), Map.of("n", i, "text", "t".repeat(100)));
            }
            db.compact();
            segments = segments(disk);
            db.compact();
            bytes = db.summary().bytes();
        }
        assertThat(segments(disk)).as("no file for nothing").isLessThanOrEqualTo(segments);
        disk.delete("checkpoint.idx");
        try (Database all = SimulatedDatabase.open(disk, options)) {
            assertThat(all.summary().bytes()).as("content of the files").isEqualTo(bytes);
            assertThat(all.verify().problems()).isEmpty();
        }
    }

    @Test
    void aSnapshotKeepsWhatItHas() {
        MemoryDisk disk = new MemoryDisk();
        try (Database db = open(disk)) {
            overwrite(db, 200);
            List<Block> nodes = Replicas.nodes(db);
            Snapshot snapshot = db.replica().snapshot();
            db.compact();
            long whileOpen = size(disk);
            assertThat(db.compact().bytesAfter())
                    .as("not while somebody reads the old one")
                    .isGreaterThan(0);
            nodes.forEach(node -> assertThat(snapshot.block(node.cid())).isEqualTo(node));
            List<Cid> stored = new ArrayList<>();
            snapshot.storedCids().forEachRemaining(stored::add);
            assertThat(stored).contains(nodes.get(0).cid());
            assertThat(Replicas.stored(db)).doesNotContain(nodes.get(0).cid());
            snapshot.close();
            assertThat(size(disk)).isLessThan(whileOpen / 2);
            assertThat(db.documents()).hasSize(50);
        }
    }

    /** One that finds no file worth writing anew leaves out what was given up all the same. */
    @Test
    void aSnapshotKeepsWhatItHasThroughTwoCompactions() {
        MemoryDisk disk = new MemoryDisk();
        List<Runnable> due = new ArrayList<>();
        DatabaseOptions options = OPTIONS.toBuilder()
                .cacheBytes(0)
                .pendingBytesPerPeer(1_000)
                .maintenance(due::add)
                .build();
        try (Database db = SimulatedDatabase.open(disk, options)) {
            Event absent = Replicas.put("absent", "{}");
            for (int i = 0; i < 10; i++) {
                Replicas.commit(db, Replicas.PEER, Replicas.put("waits" + i, "{}", absent));
            }
            overwrite(db, 600);
            List<Block> nodes = Replicas.nodes(db);
            Snapshot snapshot = db.replica().snapshot();
            int files = segments(disk);
            due.forEach(Runnable::run);
            assertThat(segments(disk)).as("nothing was worth moving").isEqualTo(files);
            overwrite(db, 600);
            db.compact();
            assertThat(nodes)
                    .allSatisfy(node -> assertThat(snapshot.block(node.cid())).isEqualTo(node));
            snapshot.close();
            long whileOpen = size(disk);
            db.compact();
            assertThat(size(disk)).isLessThan(whileOpen / 2);
            assertThat(db.verify().problems()).isEmpty();
        }
    }

    /** After a failed write the database is read afresh; whoever reads the old one depends on the same files. */
    @Test
    void aSnapshotKeepsWhatItHasThroughAFailedWrite() {
        MemoryDisk memory = new MemoryDisk();
        FailingDisk disk = new FailingDisk(memory);
        try (Database db = SimulatedDatabase.open(
                disk, OPTIONS.toBuilder().cacheBytes(0).maintenance(task -> {}).build())) {
            overwrite(db, 600);
            List<Block> nodes = Replicas.nodes(db);
            Snapshot snapshot = db.replica().snapshot();
            var documents = db.documents().iterator();
            disk.fail(FailingDisk.Fault.FORCE);
            assertThatThrownBy(() -> db.put("fails", "{}")).isInstanceOf(SyncException.class);
            disk.fail(FailingDisk.Fault.NONE);
            overwrite(db, 600);
            db.compact();
            assertThat(nodes)
                    .allSatisfy(node -> assertThat(snapshot.block(node.cid())).isEqualTo(node));
            snapshot.close();
            long whileOpen = size(memory);
            db.compact();
            assertThat(size(memory)).isLessThan(whileOpen / 2);
            documents.forEachRemaining(d -> assertThat(d.id()).startsWith("d"));
            assertThat(db.verify().problems()).isEmpty();
        }
    }

    /** Streams of documents have nothing to close; they find what compaction has moved under them. */
    @Test
    void aStreamOfDocumentsGoesOn() {
        try (Database db = Database.inMemory(LARGE.toBuilder().cacheBytes(0).build())) {
            overwrite(db, 200);
            var documents = db.documents().iterator();
            documents.next();
            db.compact();
            overwrite(db, 100);
            db.compact();
            int count = 1;
            while (documents.hasNext()) {
                documents.next();
                count++;
            }
            assertThat(count).isEqualTo(50);
        }
    }

    /** What killed a hub that kept everything: a million puts of few documents. */
    @Test
    void inMemoryTooTreesDoNotPileUp() {
        try (Database db = Database.inMemory(OPTIONS)) {
            overwrite(db, 5_000);
            long events = bytes(Replicas.events(db).stream().map(Event::block).toList());
            assertThat(bytes(Replicas.nodes(db))).isLessThan(events + 50 * 200 + 1_100 * 8_000L);
            long all = db.summary().bytes();
            overwrite(db, 5_000);
            assertThat(db.summary().bytes() - all).isLessThan(2 * events);
            assertThat(db.verify().problems()).isEmpty();
        }
    }

    @Test
    void aPeersTreesGoWithTheirTime() {
        MemoryDisk disk = new MemoryDisk();
        try (Database peer = Database.inMemory();
                Database db = open(disk)) {
            overwrite(peer, 300);
            db.replica().commit(new Commit(Replicas.nodes(peer), Replicas.events(peer), Replicas.PEER));
            int before = Replicas.nodes(db).size();
            db.compact();
            assertThat(Replicas.nodes(db).size()).isLessThan(before / 10).isPositive();
            try (Snapshot s = db.replica().snapshot()) {
                Cid head = s.heads().get(0);
                Cid root = s.event(head).root();
                assertThat(s.block(root)).as("the head's own tree stays").isNotNull();
                assertThat(s.tree(head).root()).isEqualTo(root);
            }
            db.put("own", "{}");
            db.compact();
            assertThat(db.verify().problems()).isEmpty();
        }
    }

    @Test
    void pendingEventsStayAndThoseGivenUpGo() {
        MemoryDisk disk = new MemoryDisk();
        Event absent = Replicas.put("absent", "{}");
        try (Database db = SimulatedDatabase.open(
                disk, LARGE.toBuilder().pendingBytesPerPeer(3_000).build())) {
            for (int i = 0; i < 20; i++) {
                Replicas.commit(db, Replicas.PEER, Replicas.put("late" + i, "{\"n\":" + i + "}", absent));
            }
            long pending = db.summary().pending();
            assertThat(pending).isBetween(1L, 19L);
            db.compact();
            assertThat(db.summary().pending()).isEqualTo(pending);
        }
        disk.delete("checkpoint.idx");
        try (Database db = open(disk)) {
            assertThat(db.summary().blocks()).isEqualTo(db.summary().pending());
            Replicas.commit(db, Replicas.PEER, absent);
            assertThat(db.summary().pending()).isZero();
            assertThat(db.all().size()).isGreaterThan(1);
            assertThat(db.verify().problems()).isEmpty();
        }
    }

    @Test
    void withoutRoomNothingIsLost() {
        MemoryDisk memory = new MemoryDisk();
        FailingDisk disk = new FailingDisk(memory);
        Database db = SimulatedDatabase.open(disk, LARGE);
        overwrite(db, 100);
        Script.Seen seen = Script.Seen.of(db);
        for (FailingDisk.Fault fault :
                List.of(FailingDisk.Fault.WRITE, FailingDisk.Fault.FORCE, FailingDisk.Fault.CREATE)) {
            for (int successes = 0; successes < 4; successes++) {
                overwrite(db, 50);
                seen = Script.Seen.of(db);
                disk.fail(fault, successes);
                try {
                    db.compact();
                } catch (SyncException e) {
                    assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE);
                }
                assertThat(Script.Seen.of(db)).isEqualTo(seen);
                disk.fail(FailingDisk.Fault.NONE);
            }
        }
        overwrite(db, 50);
        db.compact();
        seen = Script.Seen.of(db);
        assertThat(db.verify().problems()).isEmpty();
        assertThat(memory.list()).noneMatch(name -> name.endsWith(".tmp"));
        db.close();
        try (Database again = open(memory)) {
            assertThat(Script.Seen.of(again)).isEqualTo(seen);
        }
    }

    @Test
    void aDamagedBlockIsNotCopied() {
        MemoryDisk disk = new MemoryDisk();
        Database db =
                SimulatedDatabase.open(disk, LARGE.toBuilder().cacheBytes(0).build());
        overwrite(db, 100);
        Disks.damage(disk, Replicas.events(db).get(10).block().toByteArray());
        assertThatThrownBy(db::compact)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT));
        assertThat(db.get("d49")).isPresent();
        db.put("more", "{}");
        db.close();
    }

    @Test
    void writersAndReadersGoOn() throws InterruptedException {
        MemoryDisk disk = new MemoryDisk();
        List<Throwable> strange = new ArrayList<>();
        try (Database db = SimulatedDatabase.open(
                disk, OPTIONS.toBuilder().cacheBytes(10_000).build())) {
            AtomicBoolean done = new AtomicBoolean();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                int thread = t;
                threads.add(new Thread(() -> {
                    try {
                        for (int i = 0; !done.get(); i++) {
                            if (thread == 0) {
                                db.compact();
                            } else if (thread == 1) {
                                assertThat(db.all()).hasSizeLessThanOrEqualTo(50);
                                try (Snapshot s = db.replica().snapshot()) {
                                    s.storedCids()
                                            .forEachRemaining(cid ->
                                                    assertThat(s.block(cid)).isNotNull());
                                }
                            } else {
                                db.get("d" + i % 50);
                            }
                        }
                    } catch (RuntimeException | AssertionError e) {
                        synchronized (strange) {
                            strange.add(e);
                        }
                    }
                }));
            }
            threads.forEach(Thread::start);
            overwrite(db, 1_000);
            done.set(true);
            for (Thread t : threads) {
                t.join();
            }
            assertThat(strange).isEmpty();
            assertThat(db.verify().problems()).isEmpty();
        }
        try (Database again = SimulatedDatabase.open(disk, OPTIONS)) {
            assertThat(again.summary().events()).isEqualTo(1_000);
            assertThat(again.verify().problems()).isEmpty();
        }
    }
}
