package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.Disks;
import dev.livesync.database.disk.FailingDisk;
import dev.livesync.database.disk.MemoryDisk;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What was worked out and written down is what the log says. */
@ExtendWith(Quiet.class)
class CheckpointTest {
    private static final String FILE = "checkpoint.idx";

    private static Database open(Disk disk) {
        return SimulatedDatabase.open(disk, Script.options(3));
    }

    private static MemoryDisk without(NavigableMap<String, byte[]> files, String name) {
        NavigableMap<String, byte[]> rest = new TreeMap<>(files);
        rest.remove(name);
        return Disks.of(rest);
    }

    @Test
    void openingByItIsOpeningByTheLog() {
        compare(30, System.nanoTime());
    }

    @Test
    @Tag("soak")
    void openingByItIsOpeningByTheLogForLong() {
        compare(3_000, System.nanoTime());
    }

    private static void compare(int histories, long firstSeed) {
        for (long seed = firstSeed; seed < firstSeed + histories; seed++) {
            Random random = new Random(seed);
            try (Database source = Replicas.history(random, 10 + random.nextInt(60))) {
                MemoryDisk disk = new MemoryDisk();
                List<Event> events = Replicas.events(source);
                try (Database db = open(disk)) {
                    deliver(db, events, random, true);
                    if (random.nextBoolean()) {
                        db.compact();
                    }
                }
                NavigableMap<String, byte[]> files = Disks.bytes(disk);
                String as = "seed " + seed;
                try (Database fast = open(Disks.of(files));
                        Database slow = open(without(files, FILE))) {
                    same(fast, slow, as);
                    long next = random.nextLong();
                    deliver(fast, events, new Random(next), false);
                    deliver(slow, events, new Random(next), false);
                    same(fast, slow, as);
                    same(fast, source, as + ", the source");
                }
            }
        }
    }

    /** In pieces and out of order, so that some are pending meanwhile. */
    private static void deliver(Database db, List<Event> events, Random random, boolean some) {
        Collections.shuffle(events, random);
        int to = some ? random.nextInt(events.size() + 1) : events.size();
        for (int from = 0; from < to; ) {
            int n = 1 + random.nextInt(Math.min(20, to - from));
            Replicas.commit(db, events.subList(from, from + n));
            from += n;
        }
        if (some && random.nextInt(3) == 0) {
            db.put("own", "{}");
        }
    }

    private static void same(Database a, Database b, String as) {
        if (a.get("own").isPresent() == b.get("own").isPresent()) {
            assertThat(Script.Seen.of(a)).as(as).isEqualTo(Script.Seen.of(b));
        }
        assertThat(a.verify().problems()).as(as).isEmpty();
        try (Snapshot x = a.replica().snapshot();
                Snapshot y = b.replica().snapshot()) {
            for (Cid head : x.heads()) {
                if (y.event(head) != null) {
                    assertThat(x.tree(head).root())
                            .as(as)
                            .isEqualTo(y.tree(head).root());
                }
            }
        }
    }

    @Test
    void onlyWhatCameLaterIsReadFromTheLog() {
        MemoryDisk disk = new MemoryDisk();
        try (Database db = SimulatedDatabase.open(disk, DatabaseOptions.defaults())) {
            for (int i = 0; i < 400; i++) {
                db.put("d" + i, "{\"text\":\"" + "x".repeat(2_000) + "\"}");
            }
        }
        NavigableMap<String, byte[]> files = Disks.bytes(disk);
        byte[] log = files.firstEntry().getKey().equals(FILE)
                ? files.lastEntry().getValue()
                : files.firstEntry().getValue();
        log[log.length / 2] ^= 1; // nobody looks there
        try (Database again = SimulatedDatabase.open(Disks.of(files), DatabaseOptions.defaults())) {
            assertThat(again.get("d399")).isPresent();
            assertThat(again.verify().problems()).isNotEmpty();
        }
    }

    @Test
    void aDamagedOneIsNoHarm() {
        MemoryDisk disk = new MemoryDisk();
        Script.Seen seen;
        try (Database db = open(disk)) {
            new Script(4, 30).steps.forEach(step -> {
                if (step != null) {
                    step.accept(db);
                }
            });
            seen = Script.Seen.of(db);
        }
        NavigableMap<String, byte[]> files = Disks.bytes(disk);
        byte[] good = files.get(FILE);
        for (int at = 0; at < good.length; at += 1 + at % 23) {
            byte[] bad = good.clone();
            bad[at] ^= (byte) (1 << at % 8);
            files.put(FILE, bad);
            try (Database again = open(Disks.of(files))) {
                assertThat(Script.Seen.of(again)).as("flipped at %d", at).isEqualTo(seen);
            }
            files.put(FILE, java.util.Arrays.copyOf(good, at));
            try (Database again = open(Disks.of(files))) {
                assertThat(again.clock()).as("cut at %d", at).isEqualTo(seen.clock());
            }
        }
    }

    /** What is pending or belongs to no event is read before the checksum is reached. */
    @Test
    void aDamagedOneOfThatWaitsIsNoHarm() {
        MemoryDisk disk = new MemoryDisk();
        try (Database db = open(disk)) {
            Event absent = Replicas.put("absent", "{}");
            Replicas.commit(db, Replicas.PEER, Replicas.put("waits", "{}", absent));
            List<Block> orphans = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                orphans.add(Block.of(Cid.RAW, new byte[] {(byte) i}));
            }
            db.replica().commit(new Commit(orphans, List.of(), Replicas.OTHER));
            db.put("a", "{}");
        }
        NavigableMap<String, byte[]> files = Disks.bytes(disk);
        byte[] good = files.get(FILE);
        for (int at = 0; at < good.length; at++) {
            for (int value : new int[] {0, 0x7f, 0x80, 0xff}) {
                byte[] bad = good.clone();
                bad[at] = (byte) value;
                files.put(FILE, bad);
                try (Database again = open(Disks.of(files))) {
                    assertThat(again.summary().pending())
                            .as("%d at %d", value, at)
                            .isEqualTo(1);
                    assertThat(again.summary().blocks())
                            .as("%d at %d", value, at)
                            .isEqualTo(6);
                }
            }
        }
    }

    @Test
    void oneOfAnotherLogIsNotUsed() {
        MemoryDisk disk = new MemoryDisk();
        try (Database db = open(disk)) {
            db.put("a", "{}");
        }
        NavigableMap<String, byte[]> early = Disks.bytes(disk);
        try (Database db = open(disk)) {
            db.put("b", "{}");
            db.compact();
        }
        NavigableMap<String, byte[]> late = new TreeMap<>(Disks.bytes(disk));
        byte[] newer = late.get(FILE);
        late.put(FILE, early.get(FILE));
        try (Database again = open(Disks.of(late))) {
            assertThat(again.all()).hasSize(2);
        }
        early.put(FILE, newer); // the log lacks what the checkpoint knows
        assertThatThrownBy(() -> open(Disks.of(early)))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT));
    }

    @Test
    void thatItCannotBeWrittenIsNoFailure() {
        MemoryDisk memory = new MemoryDisk();
        FailingDisk disk = new FailingDisk(memory);
        Database db = SimulatedDatabase.open(
                disk, DatabaseOptions.builder().segmentBytes(1 << 16).build());
        db.put("a", "{\"x\":\"" + "y".repeat(1_000) + "\"}");
        disk.fail(FailingDisk.Fault.CREATE);
        db.put("b", "{}");
        db.close();
        try (Database again = open(memory)) {
            assertThat(again.all()).hasSize(2);
        }
    }
}
