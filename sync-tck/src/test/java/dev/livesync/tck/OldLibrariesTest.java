package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Libraries that other builds pin, in processes of their own: one sentence about them, or a run; never rules that fail, nor a run of nothing. */
class OldLibrariesTest {
    private static final String ONE_TEST = MemoryTransportTest.class.getName() + "#anEmptyDatabaseGetsAllOfAFullOne";

    private record Ended(int status, String said) {}

    /** With some of our libraries replaced by the jars of a folder, as Maven replaces them. */
    private static Ended run(String folder, String pattern, String what) throws IOException, InterruptedException {
        List<Path> old;
        try (Stream<Path> files = Files.list(Path.of("target", "old", folder))) {
            old = files.filter(file -> file.getFileName().toString().matches(pattern + "-[0-9].*\\.jar"))
                    .toList();
        }
        assertThat(old).as("jars of %s in target/old/%s", pattern, folder).isNotEmpty();
        List<String> path = new ArrayList<>(
                Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator)));
        for (Path jar : old) {
            path.removeIf(entry -> name(Path.of(entry)).equals(name(jar)));
            path.add(jar.toString());
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        path.stream().collect(Collectors.joining(File.pathSeparator)),
                        KitProgram.class.getName(),
                        what)
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), said);
        } finally {
            process.destroyForcibly();
        }
    }

    /** A jar's, without its version. */
    private static String name(Path jar) {
        return jar.getFileName().toString().replaceFirst("-[0-9].*\\.jar$", "");
    }

    @ParameterizedTest
    @CsvSource({
        "spring-boot-2.4, junit-.*, JUnit Jupiter 5.8, 5.7.2",
        "spring-boot-2.7, jackson-core, jackson-core 2.16, 2.13.5",
        "spring-boot-3.2, jackson-core, jackson-core 2.16, 2.15.4",
    })
    void aVersionThatIsTooOldIsNamedAndNoRuleRuns(String folder, String pattern, String needed, String found)
            throws Exception {
        Ended ended = run(folder, pattern, MemoryTransportTest.class.getName());
        assertThat(ended.said)
                .containsOnlyOnce("sync-tck needs " + needed + " or newer, found " + found + " (file:")
                .contains("tests that ran: 0\n")
                .doesNotContain("NoSuchMethodError")
                .doesNotContain("NoClassDefFoundError")
                .doesNotContain("CONFORMANT");
        assertThat(ended.status).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"spring-boot-2.7, junit-.*", "jackson, jackson-core"})
    void theOldestVersionThatIsAllowedIsEnough(String folder, String pattern) throws Exception {
        Ended ended = run(folder, pattern, ONE_TEST);
        assertThat(ended.said).contains("tests that ran: 1\n");
        assertThat(ended.status).as(ended.said).isZero();
    }

    /** As Surefire 2.22 does: its launcher is older than the engine, which then finds nothing, and is passed over. */
    @Test
    void anEngineThatTheLauncherCannotUseFailsTheRun() throws Exception {
        Ended ended = run("surefire-2.22", "junit-platform-launcher", MemoryTransportTest.class.getName());
        assertThat(ended.said).contains("Surefire 3");
        assertThat(ended.status).as(ended.said).isEqualTo(1);
    }

    /** One pinned library of several that belong together: JUnit itself has the sentence. */
    @Test
    void anEngineWithAnotherVersionsApiFailsTheRun() throws Exception {
        Ended ended = run("spring-boot-2.7", "junit-jupiter-api", MemoryTransportTest.class.getName());
        assertThat(ended.said).contains("org.junit.jupiter.api: 5.8.2").contains("org.junit.jupiter.engine: 5.13.4");
        assertThat(ended.status).as(ended.said).isEqualTo(1);
    }
}
