package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/cli.md} says what the commands say of themselves. */
class CommandReferenceTest {
    private static final Path PAGE = Path.of(System.getProperty("basedir", "."), "..", "docs", "cli.md");

    @Test
    void thePageHasEveryCommand() throws IOException {
        String page = new CommandReference().page();
        assertThat(page)
                .contains("\n## get\n", "livesync get [--json]", "| `--at=EVENT` |", "| 3 | gave up", "\n## serve\n")
                .doesNotContain("%n", "@|");
        if (System.getProperty("livesync.docs", "").equals("write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/cli.md; -Dlivesync.docs=write on this test writes it anew")
                .isEqualTo(page);
    }
}
