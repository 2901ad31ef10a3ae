package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import dev.livesync.group.SyncGroup;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of {@code docs/several-databases.md} compiles, and shares two databases over one WebSocket, each by a grant of its own. */
class SeveralDatabasesPageTest {
    private static final String SOURCE = """
            import dev.livesync.*;
            import dev.livesync.database.Database;
            import dev.livesync.grant.Grants;
            import dev.livesync.group.SyncGroup;
            import java.util.Map;

            public class SeveralDatabasesPage {
                public static SyncGroup serve(Database todos, Database photos, Grants todoGrants, Grants photoGrants,
                        String[] where) {
                    %s
                    where[0] = address;
                    return hub;
                }
                public static SyncGroup dial(Database ourTodos, Database ourPhotos, String address, String todoSecret,
                        String photoSecret) {
                    %s
                    return group;
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void thePagesJavaRuns() throws Exception {
        Grant todoGrant = Grant.of("household", Rights.READ_WRITE, new SecureRandom());
        Grant photoGrant = Grant.of("friends", Rights.READ, new SecureRandom());
        Grants todoGrants = Grants.inMemory();
        Grants photoGrants = Grants.inMemory();
        todoGrants.add(todoGrant);
        photoGrants.add(photoGrant);
        Class<?> page = PageBlocks.of("several-databases.md").compile(scratch, "SeveralDatabasesPage", SOURCE);
        String[] where = {""};
        try (Database todos = Database.inMemory();
                Database photos = Database.inMemory();
                Database ourTodos = Database.inMemory();
                Database ourPhotos = Database.inMemory();
                SyncGroup hub = (SyncGroup) page.getMethod(
                                "serve", Database.class, Database.class, Grants.class, Grants.class, String[].class)
                        .invoke(null, todos, photos, todoGrants, photoGrants, where);
                SyncGroup group = (SyncGroup)
                        page.getMethod("dial", Database.class, Database.class, String.class, String.class, String.class)
                                .invoke(null, ourTodos, ourPhotos, where[0], todoGrant.secret(), photoGrant.secret())) {
            assertThat(where[0]).startsWith("ws://127.0.0.1:");
            ourTodos.put("todo-1", "{}");
            photos.put("photo-1", "{}");
            await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                assertThat(todos.get("todo-1")).isPresent();
                assertThat(ourPhotos.get("photo-1")).isPresent();
            });
            ourPhotos.put("not-for-the-hub", "{}");
            ourTodos.put("todo-2", "{}");
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> todos.get("todo-2").isPresent());
            assertThat(photos.get("not-for-the-hub")).isEmpty();
            assertThat(todos.get("photo-1")).isEmpty();
            assertThat(hub.names()).isEqualTo(group.names());
        }
    }
}
