package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.it.Keytool;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that run until somebody stops them. */
class ServingTest {
    @TempDir
    private Path directory;

    @Test
    void beingStoppedIsHowListeningEnds() throws Exception {
        Stored.put(directory.resolve("a"), "x", "{}");
        try (Command listen = Command.start("listen", directory.resolve("a"), "ws://127.0.0.1:0/");
                Command dial = Command.start("dial", directory.resolve("b"), listen.line(1))) {
            dial.message(line -> line.startsWith("in step with "));
            dial.interrupt();
            assertThat(dial.exitCode()).isZero();
            listen.message(line -> line.endsWith(" left"));
            listen.terminate();
            assertThat(listen.exitCode()).isZero();
            assertThat(listen.lines()).hasSize(1);
        }
        assertThat(Stored.in(directory.resolve("b"))).containsExactly("x {}");
    }

    @Test
    void waitingForAnAnswerEndsAtOnceWithTheCodeOfTheSignal() throws Exception {
        try (Command offer = Command.start("offer", directory.resolve("a"), "--transport", "websocket")) {
            offer.line(1);
            offer.interrupt();
            assertThat(offer.exitCode()).isEqualTo(130);
        }
    }

    @Test
    void beingStoppedIsHowWatchingEnds() throws Exception {
        Path db = directory.resolve("a");
        Stored.put(db, "x", "{}");
        try (Command watch = Command.start("watch", "--every", 50, db)) {
            watch.message(line -> line.startsWith("watching "));
            Stored.put(db, "y", "{}");
            assertThat(watch.line(1)).isEqualTo("put \"y\" here {}");
            watch.interrupt();
            assertThat(watch.exitCode()).isZero();
            assertThat(watch.lines()).hasSize(1);
        }
    }

    @Test
    void aSecretInAFileKeepsTheAddressAndStaysOutOfTheArguments() throws IOException {
        Path secret = directory.resolve("secret");
        String first;
        try (Command listen =
                Command.start("listen", directory.resolve("a"), "ws://127.0.0.1:0/", "--secret-file", secret)) {
            first = listen.line(1);
        }
        assertThat(Files.readString(secret).trim()).isEqualTo(first.substring(first.indexOf('#') + 1));
        try (Command listen =
                Command.start("listen", directory.resolve("a"), "ws://127.0.0.1:0/", "--secret-file", secret)) {
            String address = listen.line(1);
            String bare = address.substring(0, address.indexOf('#'));
            assertThat(address).endsWith(first.substring(first.indexOf('#')));
            Command.run("dial", directory.resolve("b"), bare, "--once", "--secret-file", secret);
            try (Command dial = Command.start("dial", directory.resolve("b"), bare, "--once", "--secret-stdin")) {
                dial.type(address);
                dial.succeeded();
            }
        }
    }

    @Test
    void aSecretInAFileKeepsThePagesAddress() throws IOException {
        Path page = Files.createDirectory(directory.resolve("page"));
        Files.writeString(page.resolve("index.html"), "<p>hello</p>");
        Path secret = directory.resolve("secret");
        String first;
        try (Command web = Command.start("web", directory.resolve("a"), page, "--secret-file", secret)) {
            first = web.line(1);
            try (Command other = Command.start("web", directory.resolve("b"), page, "--secret-file", secret)) {
                assertThat(other.line(1))
                        .as("the port is taken")
                        .isNotEqualTo(first)
                        .endsWith(first.substring(first.indexOf('#')));
            }
        }
        assertThat(first).endsWith("#" + Files.readString(secret).trim());
        try (Command web = Command.start("web", directory.resolve("a"), page, "--secret-file", secret)) {
            assertThat(web.line(1)).isEqualTo(first);
        }
    }

    /** Of pages; what is no page says no origin, and comes in by its secret alone. */
    @Test
    void pagesOfTheOriginsThatAreAllowedComeInAndNoOthers() throws Exception {
        Stored.put(directory.resolve("a"), "x", "{}");
        try (Command listen = Command.start(
                "listen",
                directory.resolve("a"),
                "ws://127.0.0.1:0/",
                "--allow-origin",
                "https://app.example",
                "--allow-origin",
                "socket://com.example.App")) {
            String address = listen.line(1);
            URI place = URI.create(address.substring(0, address.indexOf('#')));
            for (String allowed : List.of("https://app.example", "socket://com.example.app")) {
                HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .header("Origin", allowed)
                        .buildAsync(place, new WebSocket.Listener() {})
                        .get(60, TimeUnit.SECONDS)
                        .abort();
            }
            for (String other : List.of("http://app.example", "https://app.example:8443", "https://example", "null")) {
                assertThatThrownBy(() -> HttpClient.newHttpClient()
                                .newWebSocketBuilder()
                                .header("Origin", other)
                                .buildAsync(place, new WebSocket.Listener() {})
                                .get(60, TimeUnit.SECONDS))
                        .hasStackTraceContaining("status code 403");
            }
            Command.run("dial", directory.resolve("b"), address, "--once");
        }
        for (String wrong : List.of("*", "https://*.example", "app.example", "https://app.example/page")) {
            assertThat(Command.start("listen", directory.resolve("a"), "ws://127.0.0.1:0/", "--allow-origin", wrong)
                            .failed(1))
                    .contains(wrong);
        }
    }

    @Test
    void encryptedWithAKeyStoreAndTrustedByItsPin() throws Exception {
        Path keys = Keytool.generate(directory.resolve("keys.p12"), "changeit", "livesync", "CN=localhost");
        Path password = Files.writeString(directory.resolve("password"), "changeit\n");
        Stored.put(directory.resolve("a"), "x", "{}");
        String[] serve = {"--keystore", keys.toString(), "--keystore-password-file", password.toString()};
        try (Command listen = Command.start(
                "listen", directory.resolve("a"), "wss://127.0.0.1:0/", serve[0], serve[1], serve[2], serve[3])) {
            String address = listen.line(1);
            assertThat(address).startsWith("wss://");
            String note = listen.message(line -> line.startsWith("certificate: dial with --pin "));
            String pin = note.substring(note.lastIndexOf(' ') + 1);
            assertThat(Command.start("dial", directory.resolve("b"), address, "--once")
                            .failed(1))
                    .contains("certificate");
            String other = "0".repeat(64);
            assertThat(Command.start("dial", directory.resolve("b"), address, "--once", "--pin", other)
                            .failed(1))
                    .contains("certificate");
            Command.run("dial", directory.resolve("b"), address, "--once", "--pin", pin);
            listen.terminate();
            assertThat(listen.exitCode()).isZero();
        }
        assertThat(Stored.in(directory.resolve("b"))).containsExactly("x {}");
        Files.writeString(password, "wrong\n");
        assertThat(Command.start(
                                "listen",
                                directory.resolve("a"),
                                "wss://127.0.0.1:0/",
                                serve[0],
                                serve[1],
                                serve[2],
                                serve[3])
                        .failed(1))
                .contains(keys.toString());
    }

    @Test
    void plainTextLeavesTheMachineOnlyIfItIsSaidSo() {
        assertThat(Command.start("listen", directory.resolve("a"), "ws://0.0.0.0:0/")
                        .failed(1))
                .contains("not encrypted");
        try (Command listen = Command.start("listen", directory.resolve("a"), "ws://0.0.0.0:0/", "--plaintext")) {
            String address = listen.line(1).replace("0.0.0.0", "127.0.0.1");
            Command.run("dial", directory.resolve("b"), address, "--once");
            listen.terminate();
            assertThat(listen.exitCode()).isZero();
        }
    }
}
