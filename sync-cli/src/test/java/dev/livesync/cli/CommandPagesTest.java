package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Every command has a manual page and is completed, by what it says of itself. */
class CommandPagesTest {
    @TempDir
    private Path directory;

    @Test
    void everyCommandHasAPage() {
        CommandLine all = new LiveSync(Console.system()).commandLine();
        Map<String, String> pages = CommandPages.manuals("1.2");

        assertThat(pages).containsKey("livesync").hasSize(all.getSubcommands().size() + 1);
        assertThat(pages.get("livesync")).contains(".SH COMMANDS", ".B get", "LiveSync 1.2", ".B 2\n");
        assertThat(pages.get("livesync-get"))
                .startsWith(".TH LIVESYNC\\-GET 1 ")
                .contains(".SH NAME\nlivesync\\-get \\- ", ".B DIR", ".B \\-\\-at=", "livesync(1)");
        pages.forEach((name, page) -> {
            assertThat(page).as(name).doesNotContain("%n", "@|");
            assertThat(page.lines().filter(line -> line.startsWith(".")))
                    .as("requests in %s", name)
                    .allMatch(line -> line.matches("\\.(TH|SH|TP|PP|B)( .*)?"));
            assertThat(page.lines()).as("text of %s", name).noneMatch(line -> line.startsWith("'"));
        });
    }

    @Test
    void shellsCompleteAllCommands() {
        String script = CommandPages.completion();
        for (String name :
                new LiveSync(Console.system()).commandLine().getSubcommands().keySet()) {
            assertThat(script).contains("[0]} " + name + "\"");
        }
        assertThat(script).contains("bashcompinit");
    }

    @Test
    void theFilesAreTheSameEachTime() throws Exception {
        Path other = directory.resolve("other");
        CommandPages.main(new String[] {directory.toString(), "1.2"});
        CommandPages.main(new String[] {other.toString(), "1.2"});
        for (String file : new String[] {"man/man1/livesync.1", "man/man1/livesync-put.1", "completions/livesync"}) {
            assertThat(Files.readString(other.resolve(file))).isEqualTo(Files.readString(directory.resolve(file)));
        }
    }
}
