package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.database.Database;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/watching.md compiles, and does what the page says. */
class WatchingPageTest {
    /** What the blocks print goes to whoever asks. */
    private static final String SOURCE = """
            import dev.livesync.api.Cid;
            import dev.livesync.api.replica.Subscription;
            import dev.livesync.database.*;
            import dev.livesync.database.live.*;
            import dev.livesync.database.query.*;
            import java.util.List;
            import java.util.concurrent.CopyOnWriteArrayList;
            import java.util.concurrent.Flow;
            import java.util.concurrent.atomic.AtomicReference;
            import java.util.function.Consumer;

            public class WatchingPage {
                public static class Out {
                    Consumer<String> target;
                    void println(String line) { target.accept(line); }
                }
                static class System {
                    static final Out out = new Out();
                }
                public static AutoCloseable watch(Database database, Consumer<String> printed) {
                    System.out.target = printed;
                    %s
                    return watching;
                }
                public static AtomicReference<List<Cid>> resume(Database database) {
                    %s
                    return seen;
                }
                public static List<Document> live(Database database) {
                    %s
                    return result;
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void theBlocksWatch() throws Exception {
        Class<?> page = PageBlocks.of("watching.md").compile(scratch, "WatchingPage", SOURCE);
        List<String> printed = new CopyOnWriteArrayList<>();
        Consumer<String> print = printed::add;
        try (Database database = Database.inMemory()) {
            page.getMethod("watch", Database.class, Consumer.class).invoke(null, database, print);
            AtomicReference<?> seen = (AtomicReference<?>)
                    page.getMethod("resume", Database.class).invoke(null, database);
            database.put("a", "{\"n\":1}");
            database.delete("a");
            List<?> live = (List<?>) page.getMethod("live", Database.class).invoke(null, database);
            await().until(() -> printed.size() == 2 && database.clock().equals(seen.get()));
            assertThat(printed).containsExactly("a by here: nothing -> {\"n\":1}", "a by here: {\"n\":1} -> nothing");
            database.put("later", "{\"done\":false,\"due\":2}");
            database.put("sooner", "{\"done\":false,\"due\":1}");
            database.put("over", "{\"done\":true,\"due\":0}");
            await().until(() -> database.clock().equals(seen.get()));
            await().until(() -> live.size() == 2);
            assertThat(List.<Object>copyOf(live))
                    .containsExactly(
                            database.get("sooner").orElseThrow(),
                            database.get("later").orElseThrow());
        }
    }
}
