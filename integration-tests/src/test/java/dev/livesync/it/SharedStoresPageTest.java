package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.replica.Replica;
import dev.livesync.database.Database;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/shared-stores.md compiles, and writes to a replica that is somebody else's. */
class SharedStoresPageTest {
    private static final String SOURCE = """
            import dev.livesync.api.replica.Replica;
            import dev.livesync.database.*;
            import dev.livesync.database.checkpoint.CheckpointStore;
            import dev.livesync.database.query.Query;
            import java.io.*;
            import java.util.*;
            import java.util.concurrent.ConcurrentHashMap;

            public class SharedStoresPage {
                public static void run(Replica replica, CheckpointStore checkpoints) throws Exception {
                    %s
                }
                public static CheckpointStore checkpoints() {
                    %s
                    return checkpoints;
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void theBlockWritesToTheStore() throws Exception {
        Class<?> page = PageBlocks.of("shared-stores.md").compile(scratch, "SharedStoresPage", SOURCE);
        try (Database owner = Database.inMemory()) {
            Object checkpoints = page.getMethod("checkpoints").invoke(null);
            Class<?> type = Class.forName("dev.livesync.database.checkpoint.CheckpointStore");
            for (int i = 0; i < 2; i++) {
                page.getMethod("run", Replica.class, type).invoke(null, owner.replica(), checkpoints);
            }
            assertThat(owner.get("order/7").orElseThrow().json()).isEqualTo("{\"state\":\"paid\"}");
            assertThat(owner.clock()).hasSize(1);
        }
    }
}
