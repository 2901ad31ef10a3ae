package dev.livesync.database;

import static dev.livesync.database.Replicas.documents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Databases in directories: who may open what, and what a kill leaves. */
@ExtendWith(Quiet.class)
@Timeout(120)
class DirectoryTest {
    @TempDir
    Path root;

    private static void assertRefused(ErrorKind kind, Path directory, String... words) {
        assertThatThrownBy(() -> Database.open(directory)).isInstanceOfSatisfying(SyncException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.getMessage())
                    .contains(directory.toString())
                    .contains(words)
                    .doesNotContain("\n");
        });
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.sorted().toList();
        }
    }

    @Test
    void aDirectoryIsCreatedWithItsParents() {
        Path directory = root.resolve("a/b/c");
        try (Database db = Database.open(directory)) {
            db.put("x", "{}");
            assertThat(db.directory()).contains(directory);
        }
        try (Database db = Database.open(directory)) {
            assertThat(db.all()).hasSize(1);
        }
    }

    /** Whatever the process's mask: documents are their owner's. */
    @Test
    void onlyItsOwnerCanReadADatabase() throws IOException {
        Path directory = root.resolve("parent/db");
        try (Database db = Database.open(
                directory, DatabaseOptions.builder().segmentBytes(1_024).build())) {
            for (int i = 0; i < 50; i++) {
                db.put("x" + i % 5, "{\"n\":" + i + "}");
            }
            db.compact();
            db.put("y", "{}");
            db.backup(root.resolve("b.car"));
        }
        Path restored = root.resolve("restored");
        Database.restore(root.resolve("b.car"), restored);
        Database.repair(restored);
        for (Path made : List.of(directory.getParent(), restored)) {
            for (Path path : files(made)) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .as(path.toString())
                        .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
            }
        }
    }

    @Test
    void linksThatLeadNowhereAreNamed() throws IOException {
        Path dangling = Files.createSymbolicLink(root.resolve("dangling"), Path.of("nowhere"));
        assertRefused(ErrorKind.STORAGE, dangling, "leads nowhere");
        Path a = Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(root.resolve("b"), Path.of("a"));
        assertRefused(ErrorKind.STORAGE, a, "too many links");
        assertThat(root.resolve("nowhere")).doesNotExist();
    }

    @Test
    void whatIsNoDatabaseIsRefusedAndNotTouched() throws IOException {
        Path file = Files.writeString(root.resolve("file.txt"), "hello");
        assertRefused(ErrorKind.CONFIGURATION, file, "is a file");
        assertThat(file).hasContent("hello");

        Path photos = Files.createDirectory(root.resolve("photos"));
        Files.writeString(photos.resolve("cat.jpg"), "cat");
        List<Path> before = files(photos);
        assertRefused(ErrorKind.CONFIGURATION, photos, "no database", "cat.jpg");
        assertThat(files(photos)).isEqualTo(before);

        Path fake = Files.createDirectory(root.resolve("fake"));
        Path segment = Files.writeString(fake.resolve("segment-00000001.log"), "this is no log at all");
        assertRefused(ErrorKind.MALFORMED, fake, "segment-00000001.log");
        assertThat(segment).hasContent("this is no log at all");
    }

    @Test
    void oneProcessOpensADirectoryOnce() throws IOException {
        Path directory = root.resolve("db");
        Path link = root.resolve("link");
        try (Database db = Database.open(directory)) {
            assertRefused(ErrorKind.IN_USE, directory, "in use");
            Files.createSymbolicLink(link, directory);
            assertRefused(ErrorKind.IN_USE, link, "in use");
            db.put("x", "{}");
        }
        Database.open(link).close();
        Database.open(directory).close();
    }

    @Test
    void aFailedOpeningLeavesTheDirectoryFree() throws IOException {
        Path directory = root.resolve("db");
        try (Database db = Database.open(directory)) {
            db.put("x", "{}");
        }
        Path segment = directory.resolve("segment-00000001.log");
        byte[] good = Files.readAllBytes(segment);
        byte[] bad = good.clone();
        bad[100] ^= 1;
        Files.write(segment, bad);
        for (int i = 0; i < 2; i++) {
            assertRefused(ErrorKind.CORRUPT, directory, "segment-00000001.log", "offset 64");
        }
        assertThat(Files.readAllBytes(segment)).isEqualTo(bad);
        Files.write(segment, good);
        try (Database db = Database.open(directory)) {
            assertThat(db.all()).hasSize(1);
        }
    }

    @Test
    void anotherProcessKeepsUsOutUntilItIsKilled() throws Exception {
        Path directory = root.resolve("db");
        List<String> acknowledged = new ArrayList<>();
        for (int round = 0; round < 4; round++) {
            try (WriterProcess child = WriterProcess.start(directory, round + "-")) {
                assertThat(child.line()).isEqualTo("open");
                acknowledged.add(child.line());
                assertRefused(ErrorKind.IN_USE, directory, "another process");
                for (int i = 0; i < 20 * round; i++) {
                    acknowledged.add(child.line());
                }
                acknowledged.addAll(child.kill());
            }
            try (Database db = Database.open(directory)) {
                Map<String, String> documents = documents(db);
                assertThat(documents).containsKeys(acknowledged.toArray(String[]::new));
                // A batch is there whole or not at all.
                documents.forEach((id, json) -> {
                    if (json.contains("batch")) {
                        assertThat(documents)
                                .containsKey(id.endsWith("+") ? id.substring(0, id.length() - 1) : id + "+");
                    }
                });
                assertThat(db.verify().problems()).isEmpty();
                db.put("between-" + round, "{}");
                acknowledged.add("between-" + round);
            }
        }
    }

    @Test
    void interruptsHarmNobody() throws InterruptedException {
        try (Database db = Database.open(
                root.resolve("db"),
                DatabaseOptions.builder().cacheBytes(0).segmentBytes(1_024).build())) {
            db.put("x", "{\"n\":1}");
            List<Throwable> failures = new ArrayList<>();
            Thread interrupted = new Thread(() -> {
                try {
                    for (int i = 0; i < 20; i++) {
                        Thread.currentThread().interrupt();
                        db.put("i" + i, "{}");
                        assertThat(db.get("x").orElseThrow().json()).isEqualTo("{\"n\":1}");
                        assertThat(Thread.interrupted()).isTrue();
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            });
            Thread bystander = new Thread(() -> {
                try {
                    for (int i = 0; i < 200; i++) {
                        assertThat(db.get("x").orElseThrow().json()).isEqualTo("{\"n\":1}");
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            });
            interrupted.start();
            bystander.start();
            interrupted.join();
            bystander.join();
            assertThat(failures).isEmpty();
            assertThat(db.all()).hasSize(21);
        }
        try (Database db = Database.open(root.resolve("db"))) {
            assertThat(db.all()).hasSize(21);
        }
    }
}
