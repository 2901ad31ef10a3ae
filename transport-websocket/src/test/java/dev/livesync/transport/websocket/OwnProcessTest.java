package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.test.program.EchoProgram;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whole programs of their own: on the class path and on the module path, and none is kept alive by an open transport. */
class OwnProcessTest {
    private static String run(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("it ends by itself")
                    .isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> entries(boolean library) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> isLibrary(entry) == library)
                .toList();
    }

    /** What the transport needs to run; the rest is for tests. */
    private static boolean isLibrary(String entry) {
        String path = entry.replace(File.separatorChar, '/');
        boolean ours = (path.endsWith("/classes") && !path.contains("/sync-tck/"))
                || path.matches(".*/(sync-api|transport-support|transport-websocket)-[^/]*(?<!tests)\\.jar");
        return ours || path.matches(".*/(Java-WebSocket|slf4j-api|slf4j-nop|jspecify)-[^/]*\\.jar");
    }

    @Test
    void anOpenTransportKeepsNoProgramAlive() throws Exception {
        String said = run(List.of("-cp", System.getProperty("java.class.path"), EchoProgram.class.getName()));
        assertThat(said).isEqualTo("unnamed module: hello over ws://127.0.0.1, no output but this\n");
    }

    @Test
    void itRunsOnTheModulePath() throws Exception {
        String said = run(List.of(
                "--module-path",
                String.join(File.pathSeparator, entries(true)),
                "--add-modules",
                "dev.livesync.transport.websocket,org.slf4j.nop",
                "-cp",
                entries(false).stream().collect(Collectors.joining(File.pathSeparator)),
                EchoProgram.class.getName()));
        assertThat(said)
                .isEqualTo("module dev.livesync.transport.websocket: hello over ws://127.0.0.1, no output but this\n");
    }
}
