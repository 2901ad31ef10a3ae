package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/transports.md} says what this build has seen. With {@code -Dlivesync.docs=write} the page is written, and says
 * nothing of what did not run; with {@code -Dlivesync.docs=check} all has to have run. Without, as where a module is built
 * alone, a verdict that nobody asked for is left as it stands.
 */
class TransportsPageTest {
    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "."), "..").normalize();
    private static final Path PAGE = ROOT.resolve("docs/transports.md");

    @Test
    void thePageSaysWhatTheBuildHasSeen() throws IOException {
        String asked = System.getProperty("livesync.docs", "");
        String written = asked.equals("write") ? "" : Files.readString(PAGE);
        TransportsPage page = new TransportsPage(ROOT);
        StringBuilder rows = new StringBuilder();
        for (TransportsPage.Row row : page.rows().values()) {
            if (asked.equals("check")) {
                assertThat(row.ran())
                        .as("the kit ran as %s in this build", row.name())
                        .isTrue();
            }
            rows.append(row.ran() ? row.text() : line(written, "| `" + row.name() + "` |"));
        }
        if (asked.equals("write")) {
            Files.writeString(PAGE, page.around(rows.toString()));
        } else {
            assertThat(written)
                    .as("docs/transports.md; mvn verify -Dlivesync.docs=write writes it anew")
                    .isEqualTo(page.around(rows.toString()));
        }
    }

    @Test
    void everyVerdictIsConformant() throws IOException {
        for (TransportsPage.Row row : new TransportsPage(ROOT).rows().values()) {
            if (row.ran()) {
                assertThat(row.text()).as("the verdict of this build").contains("| CONFORMANT |");
            }
        }
    }

    private static String line(String page, String part) {
        return page.lines()
                .filter(line -> line.contains(part))
                .map(line -> line + "\n")
                .findFirst()
                .orElse("");
    }
}
