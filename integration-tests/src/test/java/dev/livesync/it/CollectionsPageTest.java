package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.database.Database;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/collections.md compiles, and does what the page says. */
class CollectionsPageTest {
    private static final String SOURCE = """
            import dev.livesync.collections.*;
            import dev.livesync.database.Database;
            import dev.livesync.database.query.Condition;
            import java.util.function.Consumer;

            public class CollectionsPage {
                public static class Out {
                    Consumer<String> target;
                    void println(String line) { target.accept(line); }
                }
                static class System {
                    static final Out out = new Out();
                }
                public static Object run(Database database, Consumer<String> printed) {
                    System.out.target = printed;
                    %s
                    todos.put("8", new Todo(" ", false, 1));
                    return todos;
                }
                %s
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void theBlockPutsUpdatesAndFinds() throws Exception {
        Class<?> page = PageBlocks.of("collections.md").compile(scratch, "CollectionsPage", SOURCE);
        List<String> printed = new ArrayList<>();
        Consumer<String> print = printed::add;
        try (Database database = Database.inMemory()) {
            database.put("todos/1", "{\"text\":\"Later\",\"done\":false,\"due\":9}");
            database.put("todos/2", "{\"text\":\"Sooner\",\"done\":false,\"due\":2,\"colour\":\"red\"}");
            database.put("todos/3", "{\"text\":\"Odd\",\"done\":false,\"due\":[]}");
            assertThatThrownBy(() -> page.getMethod("run", Database.class, Consumer.class)
                            .invoke(null, database, print))
                    .isInstanceOf(InvocationTargetException.class)
                    .rootCause()
                    .hasMessage("document todos/8: /text: is empty");
            assertThat(printed).containsExactly("2: Sooner", "1: Later", "3: ? [/due: it doesn't fit the type]");
            assertThat(database.get("todos/7").orElseThrow().json())
                    .isEqualTo("{\"due\":3,\"done\":true,\"text\":\"Buy bread\"}");
        }
    }
}
