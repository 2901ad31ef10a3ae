package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import dev.livesync.database.Database;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/using-a-database.md compiles, and does to a database what the page says. */
class UsingADatabasePageTest {
    private static final String SOURCE = """
            import dev.livesync.api.*;
            import dev.livesync.database.*;
            import dev.livesync.database.query.*;
            import java.nio.file.Path;
            import java.util.*;

            public class UsingADatabase {
                public static void open(Path directory) {
                    %s
                }
                public static void write(Database database) {
                    %s
                }
                public static void change(Database database) {
                    %s
                }
                public static void read(Database database) {
                    %s
                }
                public static List<String> keep(Database database, Path file, Path elsewhere) {
                    %s
                    return problems;
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void theBlocksWriteReadAndKeep() throws Exception {
        Class<?> page = PageBlocks.of("using-a-database.md").compile(scratch, "UsingADatabase", SOURCE);
        Path directory = scratch.resolve("notes");
        page.getMethod("open", Path.class).invoke(null, directory);
        try (Database database = Database.open(directory)) {
            assertThat(database.get("ada")).isEmpty();
            assertThat(database.summary().events()).as("put and deleted").isEqualTo(2);

            page.getMethod("write", Database.class).invoke(null, database);
            page.getMethod("change", Database.class).invoke(null, database);

            assertThat(database.all()).extracting(document -> document.id()).containsExactly("todo-2", "todo-3");
            assertThat(database.get("todo-2").orElseThrow().json()).isEqualTo("{\"done\":true,\"text\":\"Call Ada\"}");
            page.getMethod("read", Database.class).invoke(null, database);
            Path elsewhere = scratch.resolve("elsewhere");
            assertThat(page.getMethod("keep", Database.class, Path.class, Path.class)
                            .invoke(null, database, scratch.resolve("notes.car"), elsewhere))
                    .asInstanceOf(LIST)
                    .isEmpty();
            try (Database restored = Database.open(elsewhere)) {
                assertThat(restored.all()).isEqualTo(database.all());
            }
        }
    }
}
