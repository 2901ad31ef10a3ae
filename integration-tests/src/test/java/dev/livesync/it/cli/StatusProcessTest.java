package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status page and {@code top} of a real process. */
class StatusProcessTest {
    @TempDir
    private Path directory;

    @Test
    void thePageAndTheTerminalShowTheSessionsOfAListener() throws Exception {
        Path secret = directory.resolve("status.secret");
        Path hub = directory.resolve("hub");
        try (Command listen = Command.start(
                        "listen", hub, "ws://127.0.0.1:0/", "--status-page", "0", "--status-secret-file", secret);
                Command dial = Command.start("dial", directory.resolve("client"), listen.line(1))) {
            String page = listen.line(2);
            dial.message(line -> line.startsWith("connected with "));
            assertThat(status(page, page.substring(page.indexOf('#') + 1)))
                    .contains("\"name\":\"hub\"", "\"transport\":\"websocket\"");
            assertThat(status(page, "none")).doesNotContain("hub");
            assertThat(Command.run("top", hub, "--once").succeeded().lines())
                    .anyMatch(line -> line.contains("sessions: 1 open"))
                    .anyMatch(line -> line.contains(" websocket "));
        }
    }

    private static String status(String page, String token) throws Exception {
        URI address = URI.create(page.substring(0, page.indexOf('#'))).resolve("/livesync/status");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(address)
                                .header("LiveSync-Token", token)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
