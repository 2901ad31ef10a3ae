package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.database.Database;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A backup is a CAR for others, too: {@code @ipld/car} reads it, and writes the same bytes again. */
@Timeout(60)
class BackupInteropTest {
    private static final Path INTEROP =
            Path.of(System.getProperty("basedir", "."), "..", "interop").normalize();

    @Test
    void ipldCarReadsABackup() throws IOException, InterruptedException {
        String otherwise =
                "NOT TESTED against npm: needs Node and npm, with which `mvn verify` installs the packages of interop";
        boolean there = Files.isDirectory(INTEROP.resolve("node_modules/@ipld/car"));
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
        ByteArrayOutputStream car = new ByteArrayOutputStream();
        try (Database database = Database.inMemory()) {
            for (int i = 0; i < 200; i++) {
                database.put("d" + i % 80, "{\"n\":" + i + "}");
            }
            database.delete("d3");
            database.backup(car);
        }
        String base64 = Base64.getEncoder().encodeToString(car.toByteArray());
        Process oracle = new ProcessBuilder("node", "ipld-oracle.mjs")
                .directory(INTEROP.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedWriter requests = oracle.outputWriter(StandardCharsets.UTF_8);
                BufferedReader answers = oracle.inputReader(StandardCharsets.UTF_8)) {
            requests.write("car-decode " + base64 + "\n");
            requests.flush();
            assertThat(answers.readLine()).startsWith("ok ").endsWith(" " + base64);
        } finally {
            oracle.destroyForcibly().waitFor();
        }
    }
}
