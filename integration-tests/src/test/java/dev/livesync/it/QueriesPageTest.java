package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/queries.md compiles, and finds what the page says. */
class QueriesPageTest {
    private static final String SOURCE = """
            import dev.livesync.database.*;
            import dev.livesync.database.query.*;
            import java.io.PrintStream;

            public class QueriesPage {
                public static void block1(Database database, PrintStream out) {
                    %s
                }
                public static void block2(Database database, PrintStream out) {
                    %s
                }
                public static void block3(Database database, PrintStream out) {
                    %s
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void theBlocksFindWhatIsThere() throws Exception {
        Class<?> blocks = PageBlocks.of("queries.md").with("System.out", "out").compile(scratch, "QueriesPage", SOURCE);
        try (Database database = Database.inMemory()) {
            database.put("todo/1", "{\"done\":false,\"due\":\"2026-08\"}");
            database.put("todo/2", "{\"done\":false,\"due\":\"2026-03\"}");
            database.put("todo/3", "{\"done\":true,\"due\":\"2026-01\"}");
            database.put("user/1", "{\"done\":false,\"due\":\"2026-02\"}");
            assertThat(printed(blocks, "block1", database))
                    .isEqualTo("{\"due\":\"2026-03\",\"done\":false}\n{\"due\":\"2026-08\",\"done\":false}\n");
            assertThat(printed(blocks, "block2", database)).isEqualTo("todo/2\n");
            assertThat(printed(blocks, "block3", database))
                    .isEqualTo(
                            "by the index on /done, /due of \"todo/\"…: looks at 1 of 1 documents at most, in order\n");
        }
    }

    private static String printed(Class<?> blocks, String block, Database database) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        blocks.getMethod(block, Database.class, PrintStream.class)
                .invoke(null, database, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8).replace("\r", "");
    }
}
