package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/operations.md restore what they have backed up. */
class OperationsPageTest {
    @TempDir
    private Path directory;

    @Test
    void theBackupIsRestored() throws Exception {
        try (PageCommands page =
                new PageCommands("operations.md", directory, Set.of("notes", "notes.car", "notes-again"))) {
            page.run("livesync put notes todo-1 '{\"text\":\"Buy milk\"}'");
            assertThat(page.blocks()).hasSize(1);
            page.blocks().get(0).forEach(page::run);
            assertThat(page.run("livesync get notes-again todo-1")).contains("Buy milk");
        }
    }
}
