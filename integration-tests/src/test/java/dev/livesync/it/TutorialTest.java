package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tutorials build the examples, file by file. That their commands run is for {@code .ci/tutorial}. */
class TutorialTest {
    private static final Path ROOT = Path.of("..");

    @ParameterizedTest
    @CsvSource({"write-a-transport.md, tcp-transport", "write-a-replica.md, replica"})
    void theExampleIsWhatTheTutorialBuilds(String page, String example) throws IOException {
        Map<String, String> told = new Tutorial(ROOT.resolve("docs").resolve(page)).files();
        assertThat(files(ROOT.resolve("examples").resolve(example))).isEqualTo(new TreeMap<>(told));
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

    @ParameterizedTest
    @CsvSource({"tcp-transport, 250", "replica, 450"})
    void theExampleIsSmall(String example, long limit) throws IOException {
        Path main = ROOT.resolve("examples").resolve(example).resolve("src/main");
        long lines = files(main).entrySet().stream()
                .filter(file -> file.getKey().endsWith(".java"))
                .flatMap(file -> file.getValue().lines())
                .filter(line -> !line.matches("\\s*|(package|import) .*|\\s*(//|/\\*|\\*).*"))
                .count();
        assertThat(lines)
                .as("lines of code, without blank ones, imports and comments")
                .isLessThan(limit);
    }
}
