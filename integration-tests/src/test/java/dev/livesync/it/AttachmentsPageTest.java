package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/attachments.md compiles, and what it puts comes out. */
class AttachmentsPageTest {
    @TempDir
    private Path scratch;

    @Test
    void theBlockPutsAPhotoAndReadsIt() throws Exception {
        byte[] photo = new byte[300_000];
        new Random(1).nextBytes(photo);
        Files.write(scratch.resolve("sea.jpg"), photo);
        Class<?> block = compiled();
        try (Database database = Database.inMemory()) {
            block.getMethod("run", Database.class).invoke(null, database);
            assertThat(Files.readAllBytes(scratch.resolve("copy.jpg"))).isEqualTo(photo);
            assertThat(database.get("photo-7").orElseThrow().json()).contains("_attachment", "image/jpeg", "300000");
        }
    }

    private Class<?> compiled() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "attachments.md"));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
        assertThat(block.find()).as("a java block in docs/attachments.md").isTrue();
        String java = block.group(1)
                .replace("Path.of(\"", "Path.of(\"" + scratch.toString().replace("\\", "/") + "/");
        assertThat(block.find()).as("a second one").isTrue();
        String policy = block.group(1);
        Path source = scratch.resolve("AttachmentsPage.java");
        Files.writeString(
                source,
                "import dev.livesync.database.*;\nimport dev.livesync.database.attachments.*;\n"
                        + "import java.io.*;\nimport java.nio.file.*;\nimport java.util.*;\n"
                        + "public class AttachmentsPage {\n  public static void run(Database database) throws Exception {\n"
                        + java + "  }\n  public static void fetch(dev.livesync.Session session) {\n" + policy
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
        return loader.loadClass("AttachmentsPage");
    }
}
