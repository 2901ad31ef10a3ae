package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.it.cli.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kit wrote in this build, read by the command. */
class TckReportsTest {
    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "."), "..").normalize();

    @TempDir
    Path directory;

    @Test
    void theCommandTakesTheKitsReportsAndNoChangedOne() throws Exception {
        for (TransportsPage.Row row : new TransportsPage(ROOT).rows().values()) {
            if (!row.ran()) {
                continue; // TransportsPageTest asks for all of them where all have to be there
            }
            try (Command command = Command.start("tck-report", row.report())) {
                assertThat(command.exitCode()).as("%s", command).isZero();
                assertThat(command.toString()).contains("rules of this version's specification are named");
            }
            Path changed = directory.resolve("changed.json");
            Files.writeString(changed, Files.readString(row.report()).replaceFirst("\"millis\" : ", "\"millis\" : 1"));
            try (Command command = Command.start("tck-report", changed)) {
                assertThat(command.exitCode()).as("%s", command).isEqualTo(1);
                assertThat(command.toString()).contains("it was changed after the kit wrote it");
            }
        }
    }
}
