package dev.livesync.it.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Short commands of the system's. */
final class RootShell {
    private static final long SECONDS = 600;

    private RootShell() {}

    /** Runs a command; -1 if there is none of that name. */
    static int run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as(String.join(" ", command))
                    .isTrue();
            return process.exitValue();
        } catch (IOException e) {
            return -1;
        }
    }

    /** Runs a command that has to succeed, and returns what it says. */
    static String require(String... command) throws InterruptedException, IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
        return said;
    }
}
