package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Sync;
import dev.livesync.database.Database;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/history.md compiles, and does what the page says to a database with a conflict. */
class HistoryPageTest {
    @TempDir
    private Path scratch;

    @Test
    void theBlockSettlesAndUndoes() throws Exception {
        Class<?> block = compiled(0);
        try (Database here = Database.inMemory();
                Database there = Database.inMemory()) {
            here.put("todo-7", "{\"text\":\"Buy\"}");
            sync(here, there);
            here.put("todo-7", "{\"text\":\"Buy bread\"}");
            there.put("todo-7", "{\"text\":\"Buy milk\"}");
            sync(here, there);
            String won = here.get("todo-7").orElseThrow().json();
            assertThat(here.history().conflicts()).hasSize(1);

            block.getMethod("run", Database.class).invoke(null, here);

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
        Class<?> block = compiled(1);
        try (Database here = Database.inMemory();
                Database there = Database.inMemory()) {
            here.put("todo-7", "{\"text\":\"Buy\"}");
            sync(here, there);
            here.delete("todo-7");
            there.put("todo-7", "{\"text\":\"Buy milk\"}");
            sync(here, there);

            block.getMethod("run", Database.class).invoke(null, here);
            block.getMethod("run", Database.class).invoke(null, there);

            assertThat(here.clock()).isEqualTo(there.clock());
            assertThat(here.history().conflicts()).isEmpty();
            assertThat(here.get("todo-7").orElseThrow().json()).isEqualTo("{\"text\":\"Buy milk\"}");
        }
    }

    @Test
    void theBlockTellsWhoHasWhat() throws Exception {
        Class<?> block = compiled(2);
        try (Database here = Database.inMemory();
                Database there = Database.inMemory()) {
            here.put("todo-7", "{\"text\":\"Buy\"}");
            sync(here, there);
            assertThat(there.history().peers())
                    .singleElement()
                    .satisfies(peer -> assertThat(peer.lacks()).isZero());
            block.getMethod("run", Database.class).invoke(null, there);
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

    private Class<?> compiled(int number) throws Exception {
        String page = Files.readString(Path.of("..", "docs", "history.md"));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
        for (int i = 0; i <= number; i++) {
            assertThat(block.find()).as("java block %s in docs/history.md", i).isTrue();
        }
        Path source = scratch.resolve("HistoryPage.java");
        Files.writeString(
                source,
                "import dev.livesync.api.Cid;\nimport dev.livesync.database.Database;\n"
                        + "import dev.livesync.database.versions.*;\nimport java.util.*;\n"
                        + "public class HistoryPage {\n  public static void run(Database database) {\n" + block.group(1)
                        + "  }\n}\n");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter problems = new StringWriter();
        List<String> options =
                List.of("-d", scratch.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            assertThat(compiler.getTask(problems, files, null, options, null, files.getJavaFileObjects(source))
                            .call())
                    .as("compiles: %s", problems)
                    .isTrue();
        }
        URLClassLoader loader = new URLClassLoader(
                new URL[] {scratch.toUri().toURL()}, getClass().getClassLoader());
        return loader.loadClass("HistoryPage");
    }
}
