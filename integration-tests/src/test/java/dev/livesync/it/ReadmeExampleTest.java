package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
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
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** The Java in the README compiles, runs, and does what it says. */
class ReadmeExampleTest {
    @TempDir
    Path scratch;

    /** Here, too, is a directory for once, so that one can look into it afterwards: what the block says has to be there. */
    @RepeatedTest(20)
    void theTwelveLinesCompileAndSync() throws Exception {
        String readme = Files.readString(Path.of("..", "README.md"));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
        assertThat(block.find()).as("a java block in README.md").isTrue();
        assertThat(block.group(1).lines().count()).as("lines").isLessThanOrEqualTo(12);
        assertThat(block.group(1)).contains("Database.inMemory()");
        String lines = block.group(1)
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
        Path directory = scratch.resolve("database");
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {scratch.toUri().toURL()}, getClass().getClassLoader())) {
            Method run = loader.loadClass("Readme").getMethod("run", Path.class);
            run.invoke(null, directory);
        }
        try (Database there = Database.open(directory)) {
            assertThat(there.get("alice").orElseThrow().json()).isEqualTo("{\"likes\":\"apples\"}");
            assertThat(there.get("bob")).isPresent();
        }
        try (Database here = Database.open(scratch.resolve("here"))) {
            assertThat(here.get("bob")).as("bob, who was put on the other side").isPresent();
        }
    }
}
