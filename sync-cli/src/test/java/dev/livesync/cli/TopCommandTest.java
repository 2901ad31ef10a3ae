package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process does is shown by another. */
class TopCommandTest {
    @TempDir
    private Path directory;

    private final Shell shell = new Shell();

    @Test
    void theSessionsOfTheProcessThatHasItOpenAreShown() throws Exception {
        Path db = directory.resolve("orders");
        try (ServedDatabase served = serve(db);
                Database client = Database.inMemory();
                Sync here = Sync.builder(served.database()).transport("memory").build();
                Sync there = Sync.builder(client).transport("memory").build()) {
            assertThat(shell.lines("top", db, "--once")).anyMatch(line -> line.contains("sessions: 0 open"));
            served.serves(here);
            String address = here.listen("memory:top").join().address();
            Session session = there.dial(address).join();
            session.backlog().join();
            client.put("a", "{}");
            session.delivered().join();
            session.awaitEqual().join();

            assertThat(shell.lines("top", db, "--once"))
                    .anyMatch(line -> line.startsWith("orders: 1 documents, 1 events, "))
                    .anyMatch(line -> line.contains("sessions: 1 open, 0 failed"))
                    .anyMatch(line -> line.startsWith("PEER "))
                    .anyMatch(line -> line.startsWith("memory:") && line.contains(" memory "));
            JsonNode report = new ObjectMapper()
                    .readTree(shell.lines("top", db, "--once", "--json").get(0));
            assertThat(report.at("/databases/0/sessions/0/transport").asText()).isEqualTo("memory");
            assertThat(report.at("/databases/0/sessions/0/lagEvents").asLong()).isZero();
        }
    }

    @Test
    void whereNobodyHasItOpenThatIsSaid() {
        assertThat(shell.run("top", directory, "--once")).isEqualTo(1);
        assertThat(shell.err()).contains("no process has").contains("serve, listen, dial and join do");
    }

    private static ServedDatabase serve(Path db) {
        return ServedDatabase.open(
                db,
                new Console(
                        InputStream.nullInputStream(),
                        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                        Map.of(),
                        () -> false),
                "listen",
                (console, arguments) -> new LiveSync(console).run(arguments.toArray(new String[0])));
    }
}
