package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A database that is only read: nothing is written, nobody is kept out, and what is read is one moment. */
@ExtendWith(Quiet.class)
@Timeout(120)
class ReadOnlyTest {
    private static final DatabaseOptions SMALL =
            DatabaseOptions.builder().segmentBytes(4_096).build();

    @TempDir
    Path root;

    private static void assertRefused(ErrorKind kind, Runnable action, String... words) {
        assertThatThrownBy(action::run).isInstanceOfSatisfying(SyncException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            for (String word : words) {
                assertThat(e.getMessage()).contains(word);
            }
        });
    }

    @Test
    void nothingIsWrittenAndWritesAreRefused() throws IOException {
        Path directory = root.resolve("db");
        try (Database db = Database.open(directory)) {
            db.put("a", "{\"n\":1}");
            db.put("b", "{}");
        }
        Files.delete(directory.resolve("livesync.lock"));
        Files.writeString(directory.resolve("checkpoint.idx.tmp"), "left over");
        DirectoryContent before = DirectoryContent.of(directory);
        Database db = Database.openReadOnly(directory);
        assertThat(db.get("a").orElseThrow().json()).isEqualTo("{\"n\":1}");
        assertThat(db.verify().problems()).isEmpty();
        assertThat(db.backup(new ByteArrayOutputStream()).events()).isEqualTo(2);
        String name = directory.toRealPath().toString();
        assertRefused(ErrorKind.REFUSED, () -> db.put("c", "{}"), name, "read only");
        assertRefused(ErrorKind.REFUSED, () -> db.delete("a"), "read only");
        assertRefused(ErrorKind.REFUSED, () -> db.write(batch -> batch.put("c", "{}")), "read only");
        assertRefused(ErrorKind.REFUSED, db::compact, "read only");
        assertRefused(
                ErrorKind.REFUSED,
                () -> db.replica().commit(new Commit(List.of(), List.of(Replicas.put("x", "{}")), Replicas.PEER)),
                "read only");
        assertThat(db.all()).hasSize(2);
        db.close();
        db.close();
        assertRefused(ErrorKind.CLOSED, () -> db.get("a"));
        assertThat(DirectoryContent.of(directory)).isEqualTo(before);
    }

    @Test
    void whatIsNotThereIsNotMade() throws IOException {
        Path missing = root.resolve("missing");
        assertRefused(ErrorKind.NOT_FOUND, () -> Database.openReadOnly(missing), missing.toString());
        assertThat(missing).doesNotExist();
        Path empty = Files.createDirectory(root.resolve("empty"));
        assertRefused(ErrorKind.NOT_FOUND, () -> Database.openReadOnly(empty));
        assertThat(empty).isEmptyDirectory();
        Path file = Files.writeString(root.resolve("file"), "");
        assertRefused(ErrorKind.CONFIGURATION, () -> Database.openReadOnly(file));
    }

    @Test
    void aTornTailIsPassedOver() throws IOException {
        Path directory = root.resolve("db");
        try (Database db = Database.open(directory)) {
            db.put("a", "{}");
        }
        Path log = directory.resolve("segment-00000001.log");
        try (FileChannel out = FileChannel.open(log, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            out.write(java.nio.ByteBuffer.wrap(new byte[] {0x4c, 0x52, 1, 0, 0, 0, 1, 0, 7}));
        }
        DirectoryContent before = DirectoryContent.of(directory);
        try (Database db = Database.openReadOnly(directory)) {
            assertThat(db.all()).hasSize(1);
            assertThat(db.verify().problems()).isEmpty();
        }
        assertThat(DirectoryContent.of(directory)).isEqualTo(before);
    }

    /** Compaction and checkpoints replace files all the time; every opening sees a prefix of what was written, whole. */
    @Test
    void besideAWriterEachOpeningIsOneMoment() throws Exception {
        Path directory = root.resolve("db");
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (Database writer = Database.open(directory, SMALL)) {
            writer.put("d0", "{\"n\":-1}");
            Thread writing = new Thread(() -> {
                try {
                    for (int i = 0; !done.get(); i++) {
                        writer.put("d" + i % 20, Map.of("n", i, "text", "t".repeat(200)));
                        if (i % 50 == 49) {
                            writer.compact();
                        }
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            writing.start();
            try {
                long events = 0;
                for (int i = 0; i < 40; i++) {
                    try (Database reader = Database.openReadOnly(directory, SMALL)) {
                        assertThat(reader.summary().events()).isGreaterThanOrEqualTo(events);
                        events = reader.summary().events();
                        List<Cid> clock = reader.clock();
                        assertThat(reader.verify().problems()).isEmpty();
                        assertThat(reader.all().size()).isBetween(1, 20);
                        assertThat(reader.clock()).isEqualTo(clock);
                    }
                }
            } finally {
                done.set(true);
                writing.join();
            }
            assertThat(failure.get()).isNull();
        }
    }

    @Test
    void filesThatCompactionRemovesStayReadable() {
        Path directory = root.resolve("db");
        try (Database writer = Database.open(directory, SMALL)) {
            for (int i = 0; i < 200; i++) {
                writer.put("d" + i % 20, Map.of("n", i, "text", "t".repeat(200)));
            }
            try (Database reader = Database.openReadOnly(
                    directory, SMALL.toBuilder().cacheBytes(0).build())) {
                writer.compact();
                for (int i = 0; i < 20; i++) {
                    writer.delete("d" + i);
                }
                writer.compact();
                assertThat(reader.all()).hasSize(20);
                assertThat(reader.verify().problems()).isEmpty();
            }
        }
    }
}
