package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/queries.md compiles, and finds what the page says. */
class QueriesPageTest {
    @TempDir
    private Path scratch;

    @Test
    void theBlocksFindWhatIsThere() throws Exception {
        Class<?> blocks = compiled();
        try (Database database = Database.inMemory()) {
            database.put("todo/1", "{\"done\":false,\"due\":\"2026-08\"}");
            database.put("todo/2", "{\"done\":false,\"due\":\"2026-03\"}");
            database.put("todo/3", "{\"done\":true,\"due\":\"2026-01\"}");
            database.put("user/1", "{\"done\":false,\"due\":\"2026-02\"}");
            assertThat(printed(blocks, "block1", database))
                    .isEqualTo("{\"due\":\"2026-03\",\"done\":false}\n{\"due\":\"2026-08\",\"done\":false}\n");
            assertThat(printed(blocks, "block2", database)).isEqualTo("todo/2\n");
            assertThat(printed(blocks, "block3", database))
                    .isEqualTo(
                            "by the index on /done, /due of \"todo/\"…: looks at 1 of 1 documents at most, in order\n");
        }
    }

    private static String printed(Class<?> blocks, String block, Database database) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        blocks.getMethod(block, Database.class, PrintStream.class)
                .invoke(null, database, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8).replace("\r", "");
    }

    private Class<?> compiled() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "queries.md"));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
        StringBuilder source = new StringBuilder("""
                import dev.livesync.database.*;
                import dev.livesync.database.query.*;
                import java.io.PrintStream;
                public class QueriesPage {
                """);
        for (int i = 1; block.find(); i++) {
            source.append("  public static void block")
                    .append(i)
                    .append("(Database database, PrintStream out) {\n")
                    .append(block.group(1).replace("System.out", "out"))
                    .append("  }\n");
        }
        Path file = scratch.resolve("QueriesPage.java");
        Files.writeString(file, source.append("}\n"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter problems = new StringWriter();
        List<String> options =
                List.of("-d", scratch.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            assertThat(compiler.getTask(problems, files, null, options, null, files.getJavaFileObjects(file))
                            .call())
                    .as("compiles: %s", problems)
                    .isTrue();
        }
        URLClassLoader loader = new URLClassLoader(
                new URL[] {scratch.toUri().toURL()}, getClass().getClassLoader());
        return loader.loadClass("QueriesPage");
    }
}
