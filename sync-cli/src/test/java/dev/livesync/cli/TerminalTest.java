package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person at a terminal sees, and what a program reads. */
class TerminalTest {
    /** Red on terminals that know 8-bit controls; right to left; delete. */
    private static final String NASTY = "a\u009b31m\u202etxt\u2066b\u007f";

    @TempDir
    private Path directory;

    private final Shell shell = new Shell();
    private Path db;

    @BeforeEach
    void name() {
        db = directory.resolve("db");
    }

    private static void assertHarmless(String text) {
        assertThat(text.codePoints().filter(c -> c != '\n' && c != '\r'))
                .noneMatch(Character::isISOControl)
                .noneMatch(c -> c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0x200e || c == 0x200f)
                .noneMatch(c -> c == 0x2028 || c == 0x2029 || c == 0x061c);
    }

    @Test
    void documentsAreHarmlessOnATerminalAndStillTheSameJson() throws IOException {
        String json = new JsonMapper().writeValueAsString(Map.of("text", NASTY));
        shell.lines("put", db, NASTY, json);
        String raw = shell.lines("get", db, NASTY).get(0);
        assertThat(raw).as("a pipe gets the bytes as they are").contains(NASTY);
        assertThat(shell.lines("export", db)).containsExactly(raw);

        shell.terminal();
        for (List<String> shown : List.of(
                shell.lines("get", db, NASTY), shell.lines("export", db), shell.lines("get", "--json", db, NASTY))) {
            assertHarmless(String.join("\n", shown));
            assertThat(new JsonMapper().readTree(shown.get(0))).isEqualTo(new JsonMapper().readTree(raw));
        }
    }

    @Test
    void resultsAndMessagesAreHarmlessOnATerminal() throws IOException {
        assertThat(shell.lines("put", db, NASTY, "{}")).containsExactly("stored " + NASTY);
        Path file = Files.writeString(
                directory.resolve("f"), new JsonMapper().writeValueAsString(Map.of("_id", NASTY)) + "\n");
        shell.terminal();
        for (Object[] line : new Object[][] {
            {"put", db, NASTY, "{}"},
            {"put", db, "x", NASTY},
            {"import", db, file, "--ack"},
            {"import", db, directory.resolve("no\u202ex")},
            {"get", db, NASTY + "?"},
            {"delete", db, NASTY},
            {NASTY},
            {"get", db, NASTY, NASTY}
        }) {
            shell.run(line);
            assertHarmless(shell.out());
            assertHarmless(shell.err());
        }
    }

    @Test
    void failuresAreJsonForWhoeverAskedForIt() throws IOException {
        assertThat(shell.run("get", "--json", db, "a")).isEqualTo(1);
        assertThat(shell.err()).hasLineCount(1);
        JsonNode missing = new JsonMapper().readTree(shell.err());
        assertThat(missing.get("error").asText()).startsWith("no database at " + db);
        assertThat(missing.get("kind").asText()).isEqualTo("NOT_FOUND");
        assertThat(shell.run("get", db, "--json")).isEqualTo(2);
        JsonNode usage = new JsonMapper().readTree(shell.err());
        assertThat(usage.get("error").asText()).contains("ID");
        assertThat(usage.get("kind").asText()).isEqualTo("USAGE");
        assertThat(shell.run("import", "--json", db, directory.resolve("none"))).isEqualTo(1);
        assertThat(new JsonMapper().readTree(shell.err()).get("kind").asText()).isEqualTo("NOT_FOUND");
        assertThat(shell.run("get", db, "--", "--json")).isEqualTo(1);
        assertThat(shell.err()).startsWith("livesync: ");
    }

    @Test
    void didYouMean() {
        assertThat(shell.run("exprot", db)).isEqualTo(2);
        assertThat(shell.err()).contains("did you mean export?").hasLineCount(1);
        assertThat(shell.run("export", db, "--jsn")).isEqualTo(2);
        assertThat(shell.err()).contains("did you mean --json?").hasLineCount(1);
        assertThat(shell.run("zzzzzz")).isEqualTo(2);
        assertThat(shell.err()).doesNotContain("did you mean").hasLineCount(1);
    }

    @Test
    void onlyOptionsThatMatterAreOffered() {
        for (String command : List.of("get", "put", "delete", "status", "restore", "demo", "web")) {
            assertThat(help(command)).as(command).doesNotContain("--progress");
        }
        for (String command : List.of("import", "export", "backup", "verify", "listen", "dial")) {
            assertThat(help(command)).as(command).contains("--[no-]progress");
        }
        assertThat(help("listen")).contains("--keystore").doesNotContain("--pin");
        assertThat(help("offer")).contains("--keystore").doesNotContain("--pin");
        assertThat(help("dial")).contains("--pin").doesNotContain("--keystore");
        assertThat(help("accept")).contains("--pin").doesNotContain("--keystore");
        assertThat(help("web"))
                .doesNotContain("--pin")
                .doesNotContain("--keystore")
                .doesNotContain("--plaintext")
                .doesNotContain("--identity");
    }

    private String help(String command) {
        return String.join("\n", shell.lines(command, "--help"));
    }

    @Test
    void aBarFitsItsLineAndLeavesNothing() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            lines.append("{\"_id\":\"").append(i).append("\"}\n");
        }
        Path file = Files.writeString(directory.resolve("lines.jsonl"), lines);
        shell.terminal();
        for (Object[] line : new Object[][] {
            {"import", db, file},
            {"export", db},
            {"verify", db},
            {"backup", db, directory.resolve("b.car")},
            {"import", directory.resolve("other"), directory.resolve("b.car")}
        }) {
            assertThat(shell.run(line)).isZero();
            assertThat(shell.err()).as("the bar of %s", line).isNotEmpty();
            assertThat(shell.err().split("[\r\n]")).allMatch(part -> part.length() < 80);
            assertThat(shell.err()).as("one line").doesNotContain("\n");
            assertThat(screen(shell.err())).as("gone when done").isBlank();
        }
    }

    /** What is left on the line after carriage returns have written over it. */
    private static String screen(String text) {
        StringBuilder line = new StringBuilder(" ".repeat(200));
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\r') {
                at = 0;
            } else {
                line.setCharAt(at++, c);
            }
        }
        return line.toString();
    }

    @Test
    void aFailureIsNotGluedToABar() throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "{\"_id\":\"a\"}\nnonsense\n");
        assertThat(shell.terminal().run("import", db, file)).isEqualTo(1);
        String last = shell.err().substring(shell.err().lastIndexOf('\r') + 1);
        assertThat(last).startsWith("livesync: " + file + ", line 2").hasLineCount(1);
    }

    @Test
    void aSecretThatOthersCanReadIsWarnedOf() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "A".repeat(43));
        for (String permissions : List.of("rw-r--r--", "rw-rw----", "rw----r--")) {
            Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString(permissions));
            shell.run("dial", "--once", db, "ws://127.0.0.1:1/", "--secret-file", secret);
            assertThat(shell.err())
                    .as(permissions)
                    .contains("chmod 600 " + secret)
                    .hasLineCount(2);
            shell.run("listen", db, "ws://0.0.0.0:0/", "--secret-file", secret);
            assertThat(shell.err())
                    .as(permissions)
                    .contains("chmod 600 " + secret)
                    .hasLineCount(2);
            shell.run(
                    "listen",
                    db,
                    "wss://127.0.0.1:0/",
                    "--keystore",
                    directory.resolve("none"),
                    "--keystore-password-file",
                    secret);
            assertThat(shell.err())
                    .as(permissions)
                    .contains("chmod 600 " + secret)
                    .hasLineCount(2);
        }
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        shell.run("dial", "--once", db, "ws://127.0.0.1:1/", "--secret-file", secret);
        assertThat(shell.err()).doesNotContain("chmod").hasLineCount(1);
    }

    @Test
    void manyRefusalsAreFewLines() {
        java.io.ByteArrayOutputStream err = new java.io.ByteArrayOutputStream();
        Console console = new Console(
                java.io.InputStream.nullInputStream(),
                new java.io.PrintStream(java.io.OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                new java.io.PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of(),
                () -> false);
        Reporter reporter = new Reporter(console, Progress.start(console, new Output(), "syncing", "events", -1));
        for (int i = 0; i < 10_000; i++) {
            reporter.refused("192.0.2.1:" + i, new SyncException(ErrorKind.AUTHENTICATION, "the secret is wrong"));
        }
        assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSizeBetween(1, 20);
        err.reset();
        reporter.close();
        reporter.close();
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .endsWith("9990 more were refused");
    }
}
