package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that read leave no trace, and need nobody's leave. */
class ReadingTest {
    @TempDir
    private Path directory;

    private final Shell shell = new Shell();

    private static Map<String, String> contents(Path directory) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path p : files.toList()) {
                String content = Files.isDirectory(p) ? "" : Arrays.toString(Files.readAllBytes(p));
                contents.put(p.toString(), Files.getLastModifiedTime(p) + content);
            }
        }
        return contents;
    }

    private void readAll(Path db) throws IOException {
        assertThat(shell.lines("status", db)).contains("documents 1");
        assertThat(shell.lines("get", db, "a")).containsExactly("{\"_id\":\"a\",\"n\":1}");
        assertThat(shell.lines("export", db)).containsExactly("{\"_id\":\"a\",\"n\":1}");
        assertThat(shell.lines("export", db, "--car", directory.resolve("e.car")))
                .hasSize(1);
        assertThat(shell.lines("verify", db)).hasSize(1).first().asString().startsWith("all is well");
        Path car = directory.resolve("b.car");
        assertThat(shell.lines("backup", db, car)).hasSize(1);
        Files.delete(car);
    }

    @Test
    void theyWriteNothing() throws IOException {
        Path db = directory.resolve("db");
        shell.lines("put", db, "a", "{\"n\":1}");
        Files.delete(db.resolve("livesync.lock")); // a copy may come without it
        Map<String, String> before = contents(db);
        readAll(db);
        assertThat(contents(db)).isEqualTo(before);
    }

    @Test
    void theyReadBesideAWriter() throws IOException {
        Path db = directory.resolve("db");
        try (Database writer = Database.open(db)) {
            writer.put("a", "{\"n\":1}");
            readAll(db);
            writer.put("b", "{}");
            assertThat(shell.lines("status", db)).contains("documents 2");
            assertThat(shell.run("put", db, "c", "{}")).as("a second writer").isEqualTo(1);
            assertThat(shell.err()).contains("in use");
        }
    }
}
