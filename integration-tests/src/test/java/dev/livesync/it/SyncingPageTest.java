package dev.livesync.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Sync;
import dev.livesync.database.Database;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/syncing.md compiles, and syncs as the page says. */
@Timeout(60)
class SyncingPageTest {
    private static final String SOURCE = """
            import dev.livesync.*;
            import dev.livesync.api.Cid;
            import dev.livesync.database.Database;
            import java.nio.file.Path;
            import java.util.*;
            import java.util.concurrent.CompletableFuture;

            public class Syncing {
                public static void listen(Path directory, CompletableFuture<String> said, CompletableFuture<Void> stopped) {
                    %s
                }
                public static void keep(Path directory, String address) {
                    %s
                }
                public static Cid ask(Database database, Sync sync, String address) {
                    %s
                    return written;
                }
                public static Sync listener(Database database) {
                    %s
                    return sync;
                }
                public static void offer(Sync here, Sync there) {
                    %s
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void theBlocksSync() throws Exception {
        // The address is for people; here it is handed to whoever dials.
        Class<?> page = PageBlocks.of("syncing.md")
                .with("System.out.println(endpoint.address());", "said.complete(endpoint.address());")
                .compile(scratch, "Syncing", SOURCE);
        CompletableFuture<String> said = new CompletableFuture<>();
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        Path hub = scratch.resolve("hub");
        CompletableFuture<Void> listening = CompletableFuture.runAsync(() -> {
            try {
                page.getMethod("listen", Path.class, CompletableFuture.class, CompletableFuture.class)
                        .invoke(null, hub, said, stopped);
            } catch (ReflectiveOperationException e) {
                said.completeExceptionally(e);
                throw new LinkageError(e.getMessage(), e);
            }
        });
        String address = said.get(30, SECONDS);
        try (Database database = Database.inMemory()) {
            page.getMethod("keep", Path.class, String.class).invoke(null, scratch.resolve("peer"), address);
            try (Sync sync = (Sync) page.getMethod("listener", Database.class).invoke(null, database)) {
                page.getMethod("ask", Database.class, Sync.class, String.class).invoke(null, database, sync, address);
            }
            assertThat(database.get("todo-1"))
                    .as("what the kept peer wrote, by the hub")
                    .isPresent();
        } finally {
            stopped.complete(null);
        }
        listening.get(30, SECONDS);
        try (Database stored = Database.open(hub)) {
            assertThat(stored.all()).extracting(document -> document.id()).containsExactly("todo-1", "todo-2");
        }
    }

    @Test
    void theOfferIsCarried() throws Exception {
        Class<?> page =
                PageBlocks.of("syncing.md").with("\"webrtc\"", "\"memory\"").compile(scratch, "Syncing", SOURCE);
        try (Database one = Database.inMemory();
                Database two = Database.inMemory();
                Sync here = new Sync(one);
                Sync there = new Sync(two)) {
            one.put("todo-1", "{\"text\":\"Buy milk\"}");
            page.getMethod("offer", Sync.class, Sync.class).invoke(null, here, there);
            there.backlog().join();
            assertThat(two.get("todo-1")).isPresent();
        }
    }
}
