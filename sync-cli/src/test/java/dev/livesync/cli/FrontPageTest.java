package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/README.md, in their order; those that the page has in terminals of their own are processes. */
@Timeout(180)
class FrontPageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void theCommandsDoWhatThePageSays() throws Exception {
        try (PageCommands page = new PageCommands("README.md", directory, Set.of("one", "two", "list", "secret"))) {
            List<List<String>> blocks = page.blocks();
            assertThat(blocks).as("blocks of commands").hasSize(6);
            assertThat(page.run(blocks.get(0).get(0))).contains("equal    documents and heads");

            String address = page.start(blocks.get(1).get(0).replace(":9000/", ":0/"))
                    .readLine()
                    .replaceAll("#.*", "");
            assertThat(address).startsWith("ws://127.0.0.1:");
            page.start(blocks.get(2).get(0).replace("ws://127.0.0.1:9000/", address));
            await("both have their database open")
                    .atMost(PATIENCE)
                    .until(() -> Stream.of("one", "two")
                            .allMatch(
                                    name -> Files.exists(directory.resolve(name).resolve("livesync.control/socket"))));

            List<String> lines = blocks.get(3);
            assertThat(lines).hasSize(4);
            page.run(lines.get(0));
            await("what was put here arrives there")
                    .atMost(PATIENCE)
                    .until(() -> page.prints(lines.get(1), "{\"_id\":\"todo-1\",\"text\":\"Buy milk\"}"));
            page.run(lines.get(2));
            await("and the other way")
                    .atMost(PATIENCE)
                    .until(() -> page.prints(lines.get(3), "{\"_id\":\"todo-2\",\"text\":\"Call Ada\"}"));
            assertThat(page.run("./livesync conflicts one")).isEmpty();

            assertThat(blocks.get(4).get(0)).isEqualTo("npm --prefix examples/browser ci");
            String folder = PageCommands.ROOT.resolve("examples/browser").toString();
            assertThat(page.start(blocks.get(4).get(1).replace("examples/browser", folder))
                            .readLine())
                    .startsWith("http://127.0.0.1:");
            assertThat(page.run(blocks.get(5).get(0))).isEmpty();
            page.start(blocks.get(5).get(1));
        }
    }
}
