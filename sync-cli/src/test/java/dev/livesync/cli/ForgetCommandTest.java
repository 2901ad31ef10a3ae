package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.api.Cid;
import dev.livesync.database.Database;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way on after a refusal: an event and what was written on top of it are taken out. */
class ForgetCommandTest {
    @TempDir
    private Path directory;

    private final Shell shell = new Shell();
    private Path db = Path.of("");
    private Cid bad;

    @BeforeEach
    void fill() {
        db = directory.resolve("db");
        try (Database database = Database.open(db)) {
            database.put("kept", "{}");
            bad = database.put("locked", "{}");
            database.put("later", "{}");
        }
    }

    private Path before() {
        return directory.resolve("db.before-forget");
    }

    @Test
    void whatIsForgottenAndKeptIsCountedAndTheRestIsBeside() {
        assertThat(shell.lines("forget", db, bad))
                .containsExactly("2 events forgotten, 1 kept; as it was: " + before());
        assertThat(shell.lines("export", db)).containsExactly("{\"_id\":\"kept\"}");
        assertThat(shell.lines("verify", db)).hasSize(1);
        assertThat(shell.lines("get", before(), "locked")).containsExactly("{\"_id\":\"locked\"}");
    }

    @Test
    void asJson() throws Exception {
        JsonNode told = new JsonMapper()
                .readTree(shell.lines("forget", "--json", db, bad).get(0));
        assertThat(told.get("forgotten").asLong()).isEqualTo(2);
        assertThat(told.get("kept").asLong()).isEqualTo(1);
        assertThat(told.get("before").asText()).isEqualTo(before().toString());
    }

    @Test
    void whatCannotBeDoneIsSaidInOneLineAndChangesNothing() {
        assertThat(shell.run("forget", db)).isEqualTo(2);
        assertThat(shell.run("forget", db, "no-cid")).isEqualTo(1);
        assertThat(shell.err()).hasLineCount(1).contains("no-cid");
        Cid absent = Cid.hash(Cid.DAG_CBOR, new byte[] {1});
        assertThat(shell.run("forget", db, bad, absent)).isEqualTo(1);
        assertThat(shell.err()).hasLineCount(1).contains("event " + absent + " is not in database");
        assertThat(shell.run("forget", directory.resolve("none"), bad)).isEqualTo(1);
        assertThat(shell.err()).hasLineCount(1).contains("no database at");
        try (Database open = Database.open(db)) {
            assertThat(shell.run("forget", open.directory().orElseThrow(), bad)).isEqualTo(1);
            assertThat(shell.err()).hasLineCount(1).contains("is in use");
        }
        assertThat(directory.toFile().list()).containsExactly("db");
        assertThat(shell.lines("export", db)).hasSize(3);

        assertThat(shell.lines("forget", db, bad)).hasSize(1);
        assertThat(shell.run("forget", db, bad)).isEqualTo(1);
        assertThat(shell.err()).hasLineCount(1).contains("before-forget is there", "move it away first");
    }
}
