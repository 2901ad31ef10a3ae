package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.database.maintenance.RepairResult;
import dev.livesync.database.maintenance.Verification;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What was known to be durable and is gone is a loss, not the rest of a write that was never acknowledged. */
@ExtendWith(Quiet.class)
@Timeout(120)
class DurableEndTest {
    @TempDir
    Path root;

    private Path filled(String name, int documents) {
        Path directory = root.resolve(name);
        try (Database db = Database.open(directory)) {
            for (int i = 0; i < documents; i += 50) {
                int from = i;
                db.write(batch -> {
                    for (int j = from; j < Math.min(documents, from + 50); j++) {
                        batch.put("d" + j, "{\"n\":" + j + "}");
                    }
                });
            }
        }
        return directory;
    }

    private static Path segment(Path directory) {
        return directory.resolve("segment-00000001.log");
    }

    private static void cut(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    private static void assertCorrupt(Path directory, String... words) {
        DirectoryContent before = DirectoryContent.of(directory);
        assertThatThrownBy(() -> Database.open(directory))
                .as("opening")
                .isInstanceOfSatisfying(SyncException.class, e -> {
                    assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
                    assertThat(e.getMessage()).contains(words).doesNotContain("\n");
                });
        Verification found = Database.verify(directory);
        assertThat(found.problems()).isNotEmpty();
        assertThat(String.join(" ", found.problems())).contains(words);
        assertThat(DirectoryContent.of(directory))
                .as("what opening and verify wrote")
                .isEqualTo(before);
    }

    @Test
    void halfOfTheOnlySegmentIsMissedAndASyncBringsItBack() throws IOException {
        Path directory = filled("db", 2_000);
        Database whole = Database.inMemory();
        List<Event> events;
        try (Database db = Database.open(directory)) {
            events = Replicas.events(db);
        }
        Replicas.commit(whole, events);
        long size = Files.size(segment(directory));
        cut(segment(directory), size / 2);
        assertCorrupt(directory, "segment-00000001.log", "bytes");

        RepairResult repaired = Database.repair(directory);
        assertThat(String.join(" ", repaired.problems()))
                .contains("segment-00000001.log")
                .contains("of 2000 events");
        assertThat(repaired.after().problems()).isEmpty();
        assertThat(repaired.after().events()).isBetween(500L, 1_500L);
        try (Database db = Database.open(directory)) {
            Replicas.commit(db, events);
            assertThat(db.clock()).isEqualTo(whole.clock());
            assertThat(Replicas.documents(db)).isEqualTo(Replicas.documents(whole));
        }
        whole.close();
    }

    /** Too few for a checkpoint; and the file ends where a record ends, so nothing in it looks torn. */
    @Test
    void aCutBetweenTwoRecordsIsMissed() throws IOException {
        Path directory = root.resolve("db");
        Database db = Database.open(directory);
        db.put("a", "{}");
        long afterOne = Files.size(segment(directory));
        db.put("b", "{}");
        db.close();
        cut(segment(directory), afterOne);
        assertCorrupt(directory, "segment-00000001.log", "2 events");
        assertThat(Database.repair(directory).after().events()).isEqualTo(1);
        try (Database again = Database.open(directory)) {
            assertThat(Replicas.documents(again)).isEqualTo(Map.of("a", "{}"));
        }
    }

    @Test
    void anEmptiedOrMissingFileIsNoNewDatabase() throws IOException {
        for (long size : List.of(0L, 10L, 64L)) {
            Path directory = filled("cut-" + size, 10);
            cut(segment(directory), size);
            assertCorrupt(directory, "segment-00000001.log");
            assertThat(Database.repair(directory).after().events()).isZero();
        }
        Path directory = filled("gone", 10);
        Files.delete(segment(directory));
        assertCorrupt(directory, "segment-00000001.log", "missing");
        assertThat(Database.repair(directory).problems()).isNotEmpty();
        Database.open(directory).close();
    }

    /** The last file is empty so far; the one before it is sealed, durable and cut. */
    @Test
    void theFileBeforeAnEmptyOneIsGuardedToo() throws IOException {
        Path directory = root.resolve("db");
        DatabaseOptions small = DatabaseOptions.builder().segmentBytes(1_024).build();
        try (Database db = Database.open(directory, small)) {
            while (!Files.exists(directory.resolve("segment-00000003.log"))) {
                db.put("a", Map.of("text", "t".repeat(300)));
            }
        }
        cut(directory.resolve("segment-00000003.log"), 64);
        cut(directory.resolve("segment-00000002.log"), 600);
        assertCorrupt(directory, "segment-00000002.log");
    }

    /** A checkpoint of an older build, which left no other mark. */
    @Test
    void aCheckpointThatKnowsMoreThanTheLogIsBelieved() throws IOException {
        Path directory = root.resolve("db");
        try (Database db = Database.open(directory)) {
            for (int i = 0; i < 20; i++) {
                db.put("d" + i, Map.of("text", "t".repeat(50_000)));
            }
        }
        assertThat(directory.resolve("checkpoint.idx")).exists();
        Files.deleteIfExists(directory.resolve("highwater.mark"));
        cut(segment(directory), Files.size(segment(directory)) / 2);
        assertCorrupt(directory, "segment-00000001.log", "bytes");
        assertThat(Database.repair(directory).after().events()).isBetween(5L, 15L);
    }

    @Test
    void aTornTailIsCutByWritersOnly() throws Exception {
        Path directory = root.resolve("db");
        try (WriterProcess child = WriterProcess.start(directory, "x")) {
            for (int i = 0; i < 20; i++) {
                assertThat(child.line()).isNotNull();
            }
            child.kill();
        }
        cut(segment(directory), Files.size(segment(directory)) - 5);
        DirectoryContent before = DirectoryContent.of(directory);
        assertThat(Database.verify(directory).problems()).isEmpty();
        assertThat(DirectoryContent.of(directory)).as("what verify wrote").isEqualTo(before);
        long torn = Files.size(segment(directory));
        Database.open(directory).close();
        assertThat(Files.size(segment(directory))).isNotEqualTo(torn);
        assertThat(Database.verify(directory).problems()).isEmpty();
    }
}
