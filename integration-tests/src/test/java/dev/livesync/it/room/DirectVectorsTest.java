package dev.livesync.it.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the shim says and reads to find a direct channel, against the vectors of the Java side. It needs nothing of npm's. */
class DirectVectorsTest {
    private static final Path PROJECT =
            Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();

    @Test
    void theShimSaysAndReadsWhatTheVectorsSay() throws Exception {
        boolean there = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "node")));
        assumeTrue(there, "NOT TESTED: needs Node");
        Process node = new ProcessBuilder(
                        "node",
                        "interop/room/direct-vectors.mjs",
                        "sync-core/src/test/resources/introduction/messages.json")
                .directory(PROJECT.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(said.strip()).isEqualTo("22");
        } finally {
            node.destroyForcibly();
        }
    }
}
