package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only earlier versions name goes; what documents name stays, and so do the documents. */
class ForgetPastCommandTest {
    private final Shell shell = new Shell();
    private final JsonMapper json = new JsonMapper();

    @TempDir
    private Path directory;

    private Path db = Path.of("");
    private Path copy = Path.of("");

    @BeforeEach
    void attachThreeTimes() throws IOException {
        db = directory.resolve("db");
        copy = directory.resolve("copy");
        Random random = new Random(1);
        for (int size : new int[] {30_000, 40_000, 20_000}) {
            byte[] content = new byte[size];
            random.nextBytes(content);
            shell.lines("attach", db, "p", "image", Files.write(directory.resolve(size + ".jpg"), content));
        }
    }

    @Test
    void versionsThatWereWrittenOverStayAsManyAsAsked() throws IOException {
        assertThat(freed("--versions", "2")).isZero();
        assertThat(freed("--versions", "1")).isBetween(30_000L, 32_000L);
        assertThat(freed("--versions", "0")).isBetween(40_000L, 42_000L);
        assertThat(freed("--versions", "0")).isZero();
        theDocumentIsWhole();
        assertThat(shell.lines("log", db, "p")).hasSize(3);
        assertThat(shell.run("verify", db)).isZero();
    }

    @Test
    void timeCountsFromTheFirstCallOn() throws IOException {
        assertThat(shell.lines("forget-past", db, "--keep", "30d"))
                .containsExactly("the files are 0 bytes shorter; what documents name takes 90000 bytes");
        assertThat(freed("--keep", "12h")).isZero();
        theDocumentIsWhole();
    }

    @Test
    void wrongUsageIsSaidAndChangesNothing() throws IOException {
        assertThat(shell.run("forget-past", db)).isEqualTo(2);
        assertThat(shell.run("forget-past", db, "--keep", "30d", "--versions", "1"))
                .isEqualTo(2);
        assertThat(shell.run("forget-past", db, "--versions", "few")).isEqualTo(2);
        assertThat(shell.run("forget-past", db, "--keep", "a while")).isNotZero();
        assertThat(shell.err()).contains("--keep").hasLineCount(1);
        assertThat(shell.run("forget-past", db, "--versions", "-1")).isEqualTo(1);
        assertThat(shell.run("forget-past", directory.resolve("none"), "--versions", "0"))
                .isEqualTo(1);
        assertThat(directory.resolve("none")).doesNotExist();
        assertThat(freed("--versions", "0")).isBetween(70_000L, 73_000L);
    }

    private long freed(String option, String value) throws IOException {
        JsonNode said = json.readTree(
                shell.lines("forget-past", "--json", db, option, value).get(0));
        assertThat(said.get("bytes").isIntegralNumber()).isTrue();
        return said.get("freed").asLong();
    }

    private void theDocumentIsWhole() throws IOException {
        Files.deleteIfExists(copy);
        shell.lines("extract", db, "p", "image", copy);
        assertThat(copy).hasSameBinaryContentAs(directory.resolve("20000.jpg"));
    }
}
