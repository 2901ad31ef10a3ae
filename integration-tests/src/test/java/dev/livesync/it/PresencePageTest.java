package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.presence.PresenceEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of {@code docs/presence.md} compiles, and another peer sees what it shows. */
class PresencePageTest {
    private static final String SOURCE = """
            import dev.livesync.Sync;
            import dev.livesync.api.replica.Subscription;
            import dev.livesync.presence.*;
            import java.time.Duration;
            import java.util.Map;

            public class PresencePage {
                public static void run(Sync sync) {
                    %s
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void thePagesJavaRuns() throws Exception {
        try (Database here = Database.inMemory();
                Database there = Database.inMemory();
                Sync a = new Sync(here);
                Sync b = new Sync(there)) {
            Session session =
                    a.connect(b.accept(a.offer("memory").join()).join()).join();
            assertThat(session.peer().features()).contains("presence");
            PageBlocks.of("presence.md")
                    .compile(scratch, "PresencePage", SOURCE)
                    .getMethod("run", Sync.class)
                    .invoke(null, a);
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(b.presence().entries())
                            .extracting(PresenceEntry::key, PresenceEntry::value)
                            .contains(tuple("name", "Ada"), tuple("cursor", Map.of("x", 120L, "y", 40L))));
        }
    }
}
