package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that were attached, and are gone for good. */
class EraseCommandTest {
    private final Shell shell = new Shell();

    @TempDir
    private Path directory;

    private Path db = Path.of("");
    private Path photo = Path.of("");

    @BeforeEach
    void attach() throws IOException {
        byte[] content = new byte[30_000];
        new Random(1).nextBytes(content);
        db = directory.resolve("db");
        photo = Files.write(directory.resolve("sea.jpg"), content);
        shell.lines("attach", db, "p", "image", photo);
        Files.write(directory.resolve("land.jpg"), Arrays.copyOf(content, 20_000));
        shell.lines("attach", db, "q", "image", directory.resolve("land.jpg"));
    }

    @Test
    void aDocumentAndItsContentGo() throws IOException {
        assertThat(shell.lines("erase", db, "p"))
                .singleElement()
                .asString()
                .startsWith("erased 1 contents, deleted 1 documents; the files are 30");
        assertThat(shell.run("get", db, "p")).isEqualTo(1);
        assertThat(shell.run("extract", db, "p", "image", directory.resolve("copy.jpg")))
                .isEqualTo(1);
        assertThat(shell.run("attach", db, "p", "image", photo)).isEqualTo(1);
        assertThat(shell.err()).contains("was erased, for good").hasLineCount(1);
        JsonNode done = new JsonMapper()
                .readTree(shell.lines("erase", "--json", db, "p", "q").get(0));
        assertThat(done.get("erased")).hasSize(1);
        assertThat(done.get("deleted").asLong()).isEqualTo(1);
        assertThat(done.get("remaining").asLong()).isZero();
        assertThat(shell.lines("verify", db)).isNotEmpty();
        // The records are no documents of anybody's.
        assertThat(shell.lines("export", db)).isEmpty();
    }

    @Test
    void whatCannotBeIsSaid() {
        assertThat(shell.run("erase", db)).isEqualTo(2);
        assertThat(shell.run("erase", db, "r")).isEqualTo(1);
        assertThat(shell.err()).contains("never was", "\"r\"").hasLineCount(1);
        shell.lines("attach", db, "r", "image", photo);
        assertThat(shell.run("erase", db, "p")).isEqualTo(1);
        assertThat(shell.err()).contains("named by", "\"r\"").hasLineCount(1);
        assertThat(shell.run("erase", directory.resolve("none"), "p")).isEqualTo(1);
        assertThat(shell.run("put", db, "_livesync/erased/x", "{}")).isEqualTo(1);
        assertThat(shell.err()).contains("erasures()").hasLineCount(1);
    }
}
