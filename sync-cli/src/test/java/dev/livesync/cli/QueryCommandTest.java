package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.query.FieldIndex;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents are found by what is typed. */
class QueryCommandTest {
    private static final String A = "{\"_id\":\"todo/a\",\"due\":\"2026-05\",\"done\":false}";
    private static final String B = "{\"_id\":\"todo/b\",\"due\":\"2026-01\",\"done\":true}";
    private static final String C = "{\"_id\":\"todo/c\",\"n\":8000,\"done\":false}";
    private static final String D = "{\"_id\":\"user/d\",\"n\":\"8000\",\"name\":\"Ada\"}";

    private final Shell shell = new Shell();

    @TempDir
    private Path directory;

    private Path db = Path.of("");

    @BeforeEach
    void write() {
        db = directory.resolve("db");
        for (String line : new String[] {A, B, C, D}) {
            String id = line.substring(8, 14);
            shell.lines("put", db, id, "{" + line.substring(16));
        }
    }

    @Test
    void byIds() {
        assertThat(shell.lines("query", db)).hasSize(4);
        assertThat(shell.lines("query", db, "--prefix", "user/"))
                .singleElement()
                .asString()
                .contains("Ada");
        assertThat(shell.lines("query", db, "--from", "todo/b", "--below", "user/"))
                .hasSize(2);
    }

    @Test
    void byFields() {
        found("/done = false", "todo/a", "todo/c");
        found("/done=true", "todo/b");
        found("/due >= 2026-03", "todo/a");
        found("/due < \"2026-05\"", "todo/b");
        found("/due <= 2026-05", "todo/a", "todo/b");
        found("/n > 7999", "todo/c");
        found("/n = \"8000\"", "user/d");
        found("/n in [8e3,\"8000\"]", "todo/c", "user/d");
        found("/name ^= A", "user/d");
        found("/name exists", "user/d");
        found("/due absent", "todo/c", "user/d");
        assertThat(shell.lines("query", db, "--where", "/done = false", "--where", "/due exists"))
                .hasSize(1);
    }

    private void found(String condition, String... ids) {
        assertThat(shell.lines("query", db, "--where", condition).stream().map(line -> line.substring(8, 14)))
                .as(condition)
                .containsExactly(ids);
    }

    @Test
    void inOrderAndByPages() {
        assertThat(shell.lines("query", db, "--order", "/due", "--descending").get(0))
                .contains("todo/a");
        assertThat(shell.lines("query", db, "--limit", 3)).hasSize(3);
        assertThat(shell.err()).startsWith("more with --after ").hasLineCount(1);
        String key = shell.err().strip().substring("more with --after ".length());
        assertThat(shell.lines("query", db, "--limit", 3, "--after", key))
                .singleElement()
                .asString()
                .contains("user/d");
        assertThat(shell.err()).isEmpty();
        assertThat(shell.lines("query", "--json", db, "--limit", 3))
                .hasSize(4)
                .last()
                .isEqualTo("{\"next\":\"" + key + "\"}");
    }

    @Test
    void anIndexThatAProgramDeclaredIsUsed() {
        assertThat(shell.lines("query", db, "--where", "/due = 2026-05", "--explain"))
                .containsExactly("by the ids: looks at 4 of 4 documents at most, in order");
        try (Database database = Database.open(
                db, DatabaseOptions.builder().indexes(FieldIndex.on("/due")).build())) {
            database.compact();
        }
        assertThat(shell.lines("query", db, "--where", "/due = 2026-05", "--explain"))
                .containsExactly("by the index on /due: looks at 1 of 4 documents at most, in order");
        assertThat(shell.lines("query", "--json", db, "--where", "/due = 2026-05", "--explain"))
                .containsExactly("{\"index\":\"/due\",\"candidates\":1,\"sorts\":false}");
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        for (String condition : new String[] {"done = false", "/done", "/a in 5", "/a ~ 5"}) {
            assertThat(shell.run("query", db, "--where", condition))
                    .as(condition)
                    .isEqualTo(1);
            assertThat(shell.err()).as(condition).hasLineCount(1);
        }
        assertThat(shell.run("query", db, "--limit", 0)).isEqualTo(2);
        assertThat(shell.err()).contains("--limit is at least 1, not 0");
        assertThat(shell.run("log", db, "--limit", -1)).isEqualTo(2);
        assertThat(shell.run("query", db, "--after", "x")).isEqualTo(1);
        assertThat(shell.err()).contains("not a page key");
        assertThat(shell.run("query", directory.resolve("none"))).isEqualTo(1);
    }
}
