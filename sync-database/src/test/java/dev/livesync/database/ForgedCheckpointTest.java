package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.Disks;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.query.Condition;
import dev.livesync.database.query.FieldIndex;
import dev.livesync.database.query.Query;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A checkpoint in which something else stands, its checksum made anew: it may deceive, but nothing ends in an exception of the JVM's or
 * never, and without it everything is as it was.
 */
@ExtendWith(Quiet.class)
class ForgedCheckpointTest {
    private static final String FILE = "checkpoint.idx";

    private static DatabaseOptions options() {
        return Script.options(3).toBuilder().indexes(FieldIndex.on("/n")).build();
    }

    @Test
    void onlyExceptionsOfOurOwn() {
        forge(System.nanoTime(), 2, 40);
    }

    @Test
    @Tag("soak")
    void onlyExceptionsOfOurOwnForLong() {
        forge(System.nanoTime(), 200, 1_000);
    }

    private static void forge(long firstSeed, int histories, int places) {
        for (long seed = firstSeed; seed < firstSeed + histories; seed++) {
            Random random = new Random(seed);
            NavigableMap<String, byte[]> files = files(random);
            Script.Seen honest = seen(without(files));
            assertThat(seen(files)).as("seed " + seed).isEqualTo(honest);
            for (int i = 0; i < places; i++) {
                NavigableMap<String, byte[]> forged = Disks.bytes(Disks.of(files));
                String as = "seed " + seed + ", place " + i + ": " + change(forged, random);
                Assertions.assertTimeoutPreemptively(Duration.ofMinutes(1), () -> use(Disks.of(forged), as), as);
                assertThat(seen(without(forged))).as(as).isEqualTo(honest);
            }
        }
    }

    private static NavigableMap<String, byte[]> files(Random random) {
        MemoryDisk disk = new MemoryDisk();
        try (Database source = Replicas.history(random, 20 + random.nextInt(40));
                Database db = SimulatedDatabase.open(disk, options())) {
            List<Event> events = new ArrayList<>(Replicas.events(source));
            Collections.shuffle(events, random);
            int most = events.size() - random.nextInt(5); // some stay pending
            for (int from = 0; from < most; ) {
                int to = Math.min(most, from + 1 + random.nextInt(8));
                Replicas.commit(db, events.subList(from, to));
                from = to;
            }
            for (int i = 0; i < 5; i++) {
                db.put("n" + i, "{\"n\":" + i % 2 + "}");
            }
            db.compact();
        }
        return Disks.bytes(disk);
    }

    /** Puts another number where one stands, or others of the file's own. */
    private static String change(NavigableMap<String, byte[]> files, Random random) {
        byte[] file = files.get(FILE);
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int at = 44 + random.nextInt(file.length - 44 - 8);
        int before = bytes.getInt(at);
        int[] others = {
            0,
            1,
            -1,
            -2,
            -3,
            before + 1,
            before - 1,
            -before,
            before << 8,
            Integer.MAX_VALUE,
            Integer.MIN_VALUE,
            random.nextInt(),
            random.nextInt(60),
            bytes.getInt(44 + random.nextInt(file.length - 44 - 8))
        };
        int after = others[random.nextInt(others.length)];
        bytes.putInt(at, after);
        CRC32C crc = new CRC32C();
        crc.update(file, 0, file.length - 4);
        bytes.putInt(file.length - 4, (int) crc.getValue());
        files.put(FILE, file);
        return after + " instead of " + before + " at offset " + at;
    }

    /** Everything that a user does, each for itself: what one refuses, another may do. */
    private static void use(MemoryDisk disk, String as) {
        List<ThrowingUse> uses = List.of(
                db -> db.all().forEach(Document::json),
                db -> db.query(Query.all().where("/n", Condition.equalTo(1))).forEach(Document::json),
                db -> db.changesSince(List.of()),
                db -> db.history().conflicts().forEach(conflict -> {}),
                db -> db.put("n0", "{\"n\":1}"),
                db -> db.put("n1", "{\"n\":0}"),
                db -> db.delete("n2"),
                Database::verify,
                Database::compact);
        for (int round = 0; round < 2; round++) {
            try (Database db = SimulatedDatabase.open(disk, options())) {
                for (ThrowingUse use : uses) {
                    try {
                        use.of(db);
                    } catch (SyncException e) {
                        assertThat(e.getMessage()).as(as).isNotBlank();
                    }
                }
            } catch (SyncException e) {
                assertThat(e.getMessage()).as(as).isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError(as, e);
            }
        }
    }

    @FunctionalInterface
    private interface ThrowingUse {
        void of(Database database);
    }

    private static NavigableMap<String, byte[]> without(NavigableMap<String, byte[]> files) {
        NavigableMap<String, byte[]> rest = Disks.bytes(Disks.of(files));
        rest.remove(FILE);
        return rest;
    }

    private static Script.Seen seen(NavigableMap<String, byte[]> files) {
        try (Database db = SimulatedDatabase.open(Disks.of(files), options())) {
            return Script.Seen.of(db);
        }
    }
}
