package dev.livesync.it.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command {@code livesync}, in processes of its own. */
final class OutsideCommands {
    private static final Pattern DOCUMENT = Pattern.compile("\\{\"_id\":\"([^\"]+)\",\"n\":(\\d+)[,}].*");

    private final JavaStart java;
    private final Path errors;
    private int looks;

    OutsideCommands(JavaStart java, Path root) {
        this.java = java;
        this.errors = root.resolve("command.errors");
    }

    /** Starts it. */
    Process start(String... arguments) throws IOException {
        return java.livesync(arguments).redirectError(errors.toFile()).start();
    }

    /** Runs it, which has to go well, and returns what it says. */
    String run(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as("livesync %s: %s\n%s", String.join(" ", arguments), said, Files.readString(errors))
                .isZero();
        return said;
    }

    /**
     * Verifies and exports a directory that nobody has open.
     *
     * @param wanted what must be there
     * @return what is
     */
    Map<String, Integer> look(Path directory, Map<String, Integer> wanted) throws IOException, InterruptedException {
        run("verify", directory.toString());
        Map<String, Integer> there = new TreeMap<>();
        for (String line : run("export", directory.toString()).lines().toList()) {
            Matcher document = DOCUMENT.matcher(line);
            assertThat(document.matches()).as(line).isTrue();
            there.put(document.group(1), Integer.parseInt(document.group(2)));
        }
        assertThat(Acknowledged.lost(wanted, there)).as("lost in %s", directory).isEmpty();
        looks++;
        return there;
    }

    /** How many directories were verified and exported. */
    int looks() {
        return looks;
    }
}
