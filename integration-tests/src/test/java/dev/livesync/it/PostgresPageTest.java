package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.replica.postgres.OnePostgres;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What docs/postgres.md shows, compiled and run on a real server. */
@ExtendWith(OnePostgres.class)
class PostgresPageTest {
    private static final String SOURCE = """
            import dev.livesync.*;
            import dev.livesync.replica.postgres.*;

            public class PostgresPage {
                public static void run() {
                    %s
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void theExampleListens() throws Exception {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            PageBlocks.of("postgres.md")
                    .with(
                            "jdbc:postgresql://127.0.0.1:5432/postgres?user=livesync",
                            OnePostgres.server().url())
                    .compile(scratch, "PostgresPage", SOURCE)
                    .getMethod("run")
                    .invoke(null);
        } finally {
            System.setOut(out);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("peers dial ws://127.0.0.1:");
    }
}
