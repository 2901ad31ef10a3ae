package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.database.Database;
import dev.livesync.database.DocumentChange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that is watched while somebody else has it open. */
class WatchCommandTest {
    private final Shell shell = new Shell();

    @TempDir
    private Path directory;

    private Path db = Path.of("");

    @BeforeEach
    void write() {
        db = directory.resolve("db");
        shell.lines("put", db, "a", "{\"n\":1}");
    }

    private static List<String> look(DirectoryFollower follower) {
        List<String> seen = new ArrayList<>();
        follower.look(changes -> {
            for (DocumentChange change : changes.changes()) {
                seen.add(change.id() + " "
                        + change.before().map(document -> document.json()).orElse("-") + " "
                        + change.document().map(document -> document.json()).orElse("-"));
            }
        });
        return seen;
    }

    @Test
    void eachLookSeesWhatCameSinceTheLast() {
        DirectoryFollower follower = new DirectoryFollower(db, false);
        assertThat(look(follower)).isEmpty();
        try (Database open = Database.open(db)) {
            open.put("a", "{\"n\":2}");
            open.put("b", "{}");
            assertThat(look(follower)).containsExactly("a {\"n\":1} {\"n\":2}", "b - {}");
            assertThat(look(follower)).isEmpty();
            assertThat(look(follower)).isEmpty();
            open.delete("b");
            assertThat(look(follower)).containsExactly("b {} -");
            open.compact();
            open.put("c", "{}");
            assertThat(look(follower)).containsExactly("c - {}");
        }
        assertThat(look(follower)).isEmpty();
        assertThat(look(new DirectoryFollower(db, true))).containsExactly("a - {\"n\":2}", "c - {}");
    }

    @Test
    void aLineForEachChangeUntilThereAreEnough() {
        CompletableFuture<List<String>> lines = CompletableFuture.supplyAsync(
                () -> new Shell().lines("watch", "--all", "--limit", 2, "--every", 50, db));
        try (Database open = Database.open(db)) {
            open.put("b", "{\"text\":\"two\"}");
            assertThat(lines.join()).containsExactly("put \"a\" here {\"n\":1}", "put \"b\" here {\"text\":\"two\"}");
        }
    }

    @Test
    void conflictsAreMarked() throws Exception {
        Path other = directory.resolve("other");
        Path car = directory.resolve("db.car");
        shell.lines("export", "--car", car, db);
        shell.lines("import", other, car);
        shell.lines("put", db, "a", "{\"text\":\"here\"}");
        shell.lines("put", other, "a", "{\"text\":\"there\"}");
        shell.lines("export", "--car", car, other);
        shell.lines("import", db, car);
        String line = shell.lines("watch", "--all", "--limit", 1, db).get(0);
        assertThat(line).startsWith("put \"a\" ").contains(" in conflict {");
        JsonNode json = new JsonMapper()
                .readTree(shell.lines("watch", "--json", "--all", "--limit", 1, db)
                        .get(0));
        assertThat(json.get("did").asText()).isEqualTo("put");
        assertThat(json.get("conflict").asBoolean()).isTrue();
        assertThat(json.get("settled").asBoolean()).isFalse();
        assertThat(json.has("before")).isFalse();
        assertThat(json.get("after").get("text").asText()).isIn("here", "there");
        assertThat(json.get("here").asBoolean())
                .isEqualTo(json.get("after").get("text").asText().equals("here"));
    }

    @Test
    void wrongUseIsRefused() {
        assertThat(shell.run("watch", "--every", 49, db)).isEqualTo(1);
        assertThat(shell.err()).contains("--every is at least 50");
        assertThat(shell.run("watch", "--limit", 0, db)).isEqualTo(2);
        assertThat(shell.run("watch", directory.resolve("none"))).isEqualTo(1);
        assertThat(shell.err()).contains("no database at");
    }
}
