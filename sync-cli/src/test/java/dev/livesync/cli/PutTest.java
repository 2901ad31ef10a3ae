package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is put from standard input is what was written there, or is refused. */
class PutTest {
    private static final String JSON = "{\"city\":\"Zürich\"}";

    @TempDir
    private Path directory;

    private final Shell shell = new Shell();
    private Path db = Path.of("");

    @BeforeEach
    void name() {
        db = directory.resolve("db");
    }

    @Test
    void aTextThatIsNotInUtf8IsRefused() {
        shell.input(JSON.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(shell.run("put", db, "a")).isEqualTo(1);
        assertThat(shell.err())
                .hasLineCount(1)
                .startsWith("livesync: standard input, line 1, column 11: not UTF-8")
                .contains("Latin-1");
        assertThat(db).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-8"})
    void aMarkSaysInWhichEncodingATextIs(String charset) {
        shell.input(("\ufeff" + JSON).getBytes(Charset.forName(charset))).lines("put", db, "a");
        assertThat(shell.lines("get", db, "a")).containsExactly("{\"_id\":\"a\",\"city\":\"Zürich\"}");
    }

    @Test
    void sizesAreToldInTheCommandsOwnWords() {
        String large = "{\"t\":\"" + "x".repeat(16 << 20) + "\"}";
        assertThat(shell.input(large).run("put", db, "large")).isEqualTo(1);
        assertThat(shell.err())
                .hasLineCount(1)
                .contains("document \"large\"", "16777216 bytes")
                .doesNotContain("maxDocumentBytes", "option");
        shell.input("{\"_id\":\"large\"," + large.substring(1));
        assertThat(shell.run("import", db, "-")).isEqualTo(1);
        assertThat(shell.err())
                .hasLineCount(1)
                .contains("line 1", "document \"large\"", "16777216 bytes")
                .doesNotContain("maxDocumentBytes", "option");
    }
}
