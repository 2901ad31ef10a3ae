package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Sync;
import dev.livesync.database.Database;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/history.md compiles, and does what the page says to a database with a conflict. */
class HistoryPageTest {
    private static final String SOURCE = """
            import dev.livesync.api.Cid;
            import dev.livesync.database.Database;
            import dev.livesync.database.versions.*;
            import java.util.*;

            public class HistoryPage {
                public static void settle(Database database) {
                    %s
                }
                public static void rule(Database database) {
                    %s
                }
                public static void peers(Database database) {
                    %s
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void theBlockSettlesAndUndoes() throws Exception {
        Class<?> block = compiled();
        try (Database here = Database.inMemory();
                Database there = Database.inMemory()) {
            here.put("todo-7", "{\"text\":\"Buy\"}");
            sync(here, there);
            here.put("todo-7", "{\"text\":\"Buy bread\"}");
            there.put("todo-7", "{\"text\":\"Buy milk\"}");
            sync(here, there);
            String won = here.get("todo-7").orElseThrow().json();
            assertThat(here.history().conflicts()).hasSize(1);

            block.getMethod("settle", Database.class).invoke(null, here);

            assertThat(here.history().conflicts()).isEmpty();
            assertThat(here.get("todo-7").orElseThrow().json())
                    .isNotEqualTo(won)
                    .isIn("{\"text\":\"Buy bread\"}", "{\"text\":\"Buy milk\"}");
            sync(here, there);
            assertThat(there.history().conflicts()).isEmpty();
            assertThat(there.get("todo-7")).isEqualTo(here.get("todo-7"));
        }
    }

    @Test
    void theBlockSettlesByARule() throws Exception {
        Class<?> block = compiled();
        try (Database here = Database.inMemory();
                Database there = Database.inMemory()) {
            here.put("todo-7", "{\"text\":\"Buy\"}");
            sync(here, there);
            here.delete("todo-7");
            there.put("todo-7", "{\"text\":\"Buy milk\"}");
            sync(here, there);

            block.getMethod("rule", Database.class).invoke(null, here);
            block.getMethod("rule", Database.class).invoke(null, there);

            assertThat(here.clock()).isEqualTo(there.clock());
            assertThat(here.history().conflicts()).isEmpty();
            assertThat(here.get("todo-7").orElseThrow().json()).isEqualTo("{\"text\":\"Buy milk\"}");
        }
    }

    @Test
    void theBlockTellsWhoHasWhat() throws Exception {
        Class<?> block = compiled();
        try (Database here = Database.inMemory();
                Database there = Database.inMemory()) {
            here.put("todo-7", "{\"text\":\"Buy\"}");
            sync(here, there);
            assertThat(there.history().peers())
                    .singleElement()
                    .satisfies(peer -> assertThat(peer.lacks()).isZero());
            block.getMethod("peers", Database.class).invoke(null, there);
        }
    }

    private static void sync(Database here, Database there) {
        try (Sync a = new Sync(here);
                Sync b = new Sync(there)) {
            String offer = a.offer("memory").join();
            a.connect(b.accept(offer).join()).join();
            a.backlog().join();
            b.backlog().join();
        }
    }

    private Class<?> compiled() throws Exception {
        return PageBlocks.of("history.md").compile(scratch, "HistoryPage", SOURCE);
    }
}
