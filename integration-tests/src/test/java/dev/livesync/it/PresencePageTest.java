package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.presence.PresenceEntry;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of {@code docs/presence.md} compiles, and another peer sees what it shows. */
class PresencePageTest {
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
            compiled().getMethod("run", Sync.class).invoke(null, a);
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(b.presence().entries())
                            .extracting(PresenceEntry::key, PresenceEntry::value)
                            .contains(tuple("name", "Ada"), tuple("cursor", Map.of("x", 120L, "y", 40L))));
        }
    }

    private Class<?> compiled() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "presence.md"));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
        assertThat(block.find()).as("a java block in docs/presence.md").isTrue();
        Path source = scratch.resolve("PresencePage.java");
        Files.writeString(
                source,
                "import dev.livesync.Sync;\nimport dev.livesync.api.replica.Subscription;\nimport dev.livesync.presence.*;\n"
                        + "import java.time.Duration;\nimport java.util.Map;\n"
                        + "public class PresencePage {\n  public static void run(Sync sync) {\n" + block.group(1)
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
        return loader.loadClass("PresencePage");
    }
}
