package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import dev.livesync.it.delivery.Load;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java in the README compiles, runs, and does what it says. */
class ReadmeExampleTest {
    @TempDir
    Path scratch;

    /** Here, too, is a directory for once, so that one can look into it afterwards: what the block says has to be there. */
    @ParameterizedTest
    @ValueSource(strings = {"websocket", "memory", "libp2p", "webrtc"})
    void theTwelveLinesCompileAndSync(String transport) throws Exception {
        run(transport, 5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "memory", "libp2p", "webrtc"})
    @Tag("soak")
    void theTwelveLinesAThousandTimes(String transport) throws Exception {
        try (Load load = new Load()) {
            run(transport, 1_000);
        }
    }

    private void run(String transport, int times) throws Exception {
        String readme = Files.readString(Path.of("..", "README.md"));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
        assertThat(block.find()).as("a java block in README.md").isTrue();
        assertThat(block.group(1).lines().count()).as("lines").isLessThanOrEqualTo(12);
        assertThat(block.group(1)).contains("Database.inMemory()", "\"websocket\"");
        String lines = block.group(1)
                .replace("\"websocket\"", "\"" + transport + "\"")
                .replace("Database.inMemory()", "Database.open(directory.resolveSibling(\"here\"))");
        Path source = scratch.resolve("Readme.java");
        Files.writeString(
                source,
                "import dev.livesync.Sync;\nimport dev.livesync.database.Database;\nimport java.nio.file.Path;\n"
                        + "public class Readme {\n  public static void run(Path directory) throws Exception {\n"
                        + lines + "  }\n}\n");

        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter problems = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of("-d", scratch.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
            assertThat(compiler.getTask(problems, files, null, options, null, files.getJavaFileObjects(source))
                            .call())
                    .as("compiles: %s", problems)
                    .isTrue();
        }
        int bobs = 0;
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {scratch.toUri().toURL()}, getClass().getClassLoader())) {
            Method run = loader.loadClass("Readme").getMethod("run", Path.class);
            for (int i = 0; i < times; i++) {
                Path directory = scratch.resolve(transport + i).resolve("there");
                Files.createDirectories(directory.getParent());
                run.invoke(null, directory);
                bobs += lookInto(directory);
            }
        }
        System.out.println("README's block over " + transport + ": bob arrived " + bobs + " of " + times + " times");
        assertThat(bobs).as("bob on the side where he was not put").isEqualTo(times);
    }

    private static int lookInto(Path directory) {
        try (Database there = Database.open(directory)) {
            assertThat(there.get("alice").orElseThrow().json()).isEqualTo("{\"likes\":\"apples\"}");
            assertThat(there.get("bob")).isPresent();
        }
        try (Database here = Database.open(directory.resolveSibling("here"))) {
            return here.get("bob").isPresent() ? 1 : 0;
        }
    }
}
