package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code serve} and {@code reload} end where they can't begin. */
class ServeCommandTest {
    @TempDir
    private Path directory;

    private final Shell shell = new Shell();

    private Path config(String text) throws IOException {
        return Files.writeString(directory.resolve("hub.json"), text);
    }

    @Test
    void anAddressThatIsTakenMayBeFreeLater() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path file = config(
                    "{\"databases\": [{\"directory\": \"a\",\n\"listen\": [\"ws://127.0.0.1:0/\", \"ws://127.0.0.1:"
                            + taken.getLocalPort() + "/\"]}]}");
            assertThat(shell.run("serve", "--config", file)).isEqualTo(1);
            assertThat(shell.err())
                    .contains("hub.json, line 1, databases[0]: ")
                    .contains(Integer.toString(taken.getLocalPort()));
        }
        assertThat(shell.run("put", directory.resolve("a"), "x", "{}"))
                .as("nothing is left open")
                .isZero();
    }

    @Test
    void aConfigurationThatCannotBeUsedIsNoReasonToStartAgain() throws IOException {
        assertThat(shell.run("serve", "--config", config("{}"))).isEqualTo(DialCommand.GAVE_UP);
        assertThat(shell.err()).hasLineCount(1).contains("hub.json, line 1, databases: ");
        assertThat(shell.run("serve", "--config", directory.resolve("none"))).isEqualTo(DialCommand.GAVE_UP);
        assertThat(shell.err()).hasLineCount(1).contains("no such file");
        Path file = config("{\"databases\": [{\"directory\": \"a\", \"listen\": [\"nothing:here\"]}]}");
        assertThat(shell.run("serve", "--config", file)).isEqualTo(DialCommand.GAVE_UP);
        assertThat(shell.err()).hasLineCount(1).contains("databases[0]: ");
        assertThat(shell.run("serve")).isEqualTo(2);
    }

    @Test
    void checkingServesNothing() throws IOException {
        Path file = config("{\"databases\": [{\"directory\": \"a\", \"listen\": [\"ws://127.0.0.1:0/\"]}]}");
        assertThat(shell.lines("serve", "--config", file, "--check")).containsExactly(file + " can be used");
        assertThat(directory.resolve("a")).doesNotExist();
    }

    @Test
    void reloadNeedsAServe() {
        assertThat(shell.run("reload", directory.resolve("none"))).isEqualTo(1);
        assertThat(shell.err()).hasLineCount(1).contains("nobody serves");
    }
}
