package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The photo album of {@code examples/album}, used as its comment says: one in a process of its own, one here. */
@Timeout(120)
class AlbumExampleTest {
    private static final Path SOURCE = Path.of("..", "examples", "album", "Album.java");

    @TempDir
    private Path scratch;

    @Test
    void titlesComeAtOnceAndPhotosWhenTheyAreLookedAt() throws Exception {
        assertThat(Files.readAllLines(SOURCE)).hasSizeLessThan(150);
        Method album = compiled();
        byte[] sea = photo("sea.jpg", 1, 900_000);
        photo("hills.jpg", 2, 300_000);
        Path mine = scratch.resolve("mine");
        Path yours = scratch.resolve("yours");
        String first =
                run(album, mine, "add", scratch.resolve("sea.jpg"), "The sea").strip();
        String second =
                run(album, mine, "add", scratch.resolve("hills.jpg"), "Hills").strip();
        Process sharing = share(mine);
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(sharing.getInputStream(), StandardCharsets.UTF_8))) {
            String address = said.readLine();
            run(album, yours, "visit", address);
            assertThat(run(album, yours, "list").lines())
                    .containsExactlyInAnyOrder(
                            first + ": The sea, 0 of 900000 bytes here", second + ": Hills, 0 of 300000 bytes here");
            Path copy = scratch.resolve("copy.jpg");
            run(album, yours, "look", address, first, copy);
            assertThat(Files.readAllBytes(copy)).isEqualTo(sea);
            assertThat(run(album, yours, "list")).contains("900000 of 900000 bytes here", "0 of 300000 bytes here");
            run(album, yours, "copy", address);
            assertThat(run(album, yours, "list")).contains("300000 of 300000 bytes here");
            sharing.getOutputStream().write('\n');
            sharing.getOutputStream().flush();
            assertThat(sharing.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(sharing.exitValue()).isZero();
        } finally {
            sharing.destroyForcibly();
        }
    }

    private byte[] photo(String name, long seed, int length) throws Exception {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        Files.write(scratch.resolve(name), bytes);
        return bytes;
    }

    private Method compiled() throws Exception {
        ByteArrayOutputStream problems = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        problems,
                        problems,
                        "-d",
                        scratch.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-proc:none",
                        "-Xlint:all",
                        "-Werror",
                        SOURCE.toString());
        assertThat(code).as("compiles: %s", problems).isZero();
        URLClassLoader loader = new URLClassLoader(
                new URL[] {scratch.toUri().toURL()}, getClass().getClassLoader());
        return loader.loadClass("Album").getMethod("main", String[].class);
    }

    private Process share(Path directory) throws Exception {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        scratch + System.getProperty("path.separator") + System.getProperty("java.class.path"),
                        "Album",
                        directory.toString(),
                        "share"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** What a command prints. */
    private static String run(Method album, Path directory, Object... words) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            String[] args = new String[words.length + 1];
            args[0] = directory.toString();
            for (int i = 0; i < words.length; i++) {
                args[i + 1] = words[i].toString();
            }
            album.invoke(null, (Object) args);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
