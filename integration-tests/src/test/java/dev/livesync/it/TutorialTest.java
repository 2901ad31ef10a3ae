package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tutorial builds the example, file by file. That its commands run is for {@code .ci/tutorial}. */
class TutorialTest {
    private static final Path ROOT = Path.of("..");

    @Test
    void theExampleIsWhatTheTutorialBuilds() throws IOException {
        Map<String, String> told = new Tutorial(ROOT.resolve("docs/write-a-transport.md")).files();
        assertThat(files(ROOT.resolve("examples/tcp-transport"))).isEqualTo(new TreeMap<>(told));
    }

    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                if (!name.startsWith("target/")) {
                    files.put(name, Files.readString(file));
                }
            }
        }
        return files;
    }

    @Test
    void theExampleIsSmall() throws IOException {
        long lines = files(ROOT.resolve("examples/tcp-transport/src/main")).entrySet().stream()
                .filter(file -> file.getKey().endsWith(".java"))
                .flatMap(file -> file.getValue().lines())
                .filter(line -> !line.matches("\\s*|(package|import) .*|\\s*(//|/\\*|\\*).*"))
                .count();
        assertThat(lines)
                .as("lines of code, without blank ones, imports and comments")
                .isLessThan(250);
    }
}
