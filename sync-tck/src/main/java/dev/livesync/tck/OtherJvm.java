package dev.livesync.tck;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java process with this one's class path, for what can't be tried here: everything may have been touched before, or be set for good. */
final class OtherJvm {
    private final Class<?> main;
    private final Duration patience;
    private final List<String> options;

    /**
     * Describes a process.
     *
     * @param main its main class; it takes the name of another class and prints ASCII
     * @param patience for its whole run
     * @param options of the JVM
     */
    OtherJvm(Class<?> main, Duration patience, String... options) {
        this.main = main;
        this.patience = patience;
        this.options = List.of(options);
    }

    /** How it ended, and what it printed. */
    record Outcome(boolean succeeded, List<String> lines) {}

    /** Whether an object of this class can be made there, by its name alone. */
    static boolean canMake(Class<?> type) {
        try {
            return Modifier.isPublic(type.getModifiers())
                    && Modifier.isPublic(type.getConstructor().getModifiers())
                    && !type.getModule().isNamed();
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    Outcome run(Class<?> argument) throws IOException, InterruptedException {
        Path output = Files.createTempFile("livesync-tck-", ".txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName(), argument.getName()));
        Process java = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!java.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Outcome(false, List.of("the process did not end in " + patience));
            }
            List<String> lines = Files.readString(output, StandardCharsets.ISO_8859_1)
                    .lines()
                    .toList();
            return new Outcome(java.exitValue() == 0, lines);
        } finally {
            java.destroyForcibly();
            Files.deleteIfExists(output);
        }
    }
}
