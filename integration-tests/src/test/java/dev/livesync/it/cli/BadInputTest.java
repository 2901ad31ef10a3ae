package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.replica.postgres.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every mistake is answered by one line that says what it was, and costs nothing that was stored. */
class BadInputTest {
    @TempDir
    private Path directory;

    private Path db() {
        return directory.resolve("db");
    }

    /** A database with one document, which every test finds again at its end. */
    private Path filled() {
        Stored.put(db(), "kept", "{\"n\":1}");
        return db();
    }

    private void nothingLost() {
        assertThat(Stored.in(db())).containsExactly("kept {\"n\":1}");
        Stored.intact(db(), "afterwards");
    }

    @Test
    void anUnknownTransportIsAnsweredWithTheKnownOnes() {
        String message =
                Command.start("offer", filled(), "--transport", "pigeon").failed(1);
        assertThat(message).contains("pigeon").contains("websocket");
        nothingLost();
    }

    @Test
    void aGarbageOfferIsNone() {
        filled();
        String text = Command.start("accept", db()).type("this is no offer!").failed(1);
        assertThat(text).containsIgnoringCase("offer");
        String json =
                Base64.getEncoder().encodeToString("{\"type\":\"offer\",\"x\":1".getBytes(StandardCharsets.UTF_8));
        assertThat(Command.start("accept", db()).type(json).failed(1)).containsIgnoringCase("offer");
        assertThat(Command.start("accept", db()).failed(1)).contains("standard input ended before an offer came");
        nothingLost();
    }

    @Test
    void aTruncatedAnswerIsRefused() throws IOException {
        filled();
        try (Command offer = Command.start("offer", db(), "--transport", "websocket", "--once");
                Command accept = Command.start("accept", directory.resolve("other"), "--once")) {
            accept.type(offer.line(1));
            String answer = accept.line(1);
            String message =
                    offer.type(answer.substring(0, answer.length() / 2)).failed(1, offer.line(1));
            assertThat(message).containsIgnoringCase("answer");
            assertThat(accept.failed(1, answer)).startsWith("livesync: ");
        }
        nothingLost();
    }

    @Test
    void aWrongSecretIsRefusedInOneWordingOnBothSides() throws IOException {
        filled();
        try (Command listen = Command.start("listen", db(), "ws://127.0.0.1:0/")) {
            String address = listen.line(1);
            String wrong = address.substring(0, address.indexOf('#') + 1) + "A".repeat(43);
            String message = Command.start("dial", directory.resolve("other"), wrong, "--once")
                    .failed(1);
            assertThat(message).containsIgnoringCase("secret");
            listen.message(line -> line.startsWith("refused "));

            Path file = Files.writeString(directory.resolve("secret"), "A".repeat(43));
            String bare = address.substring(0, address.indexOf('#'));
            assertThat(Command.start("dial", directory.resolve("other"), bare, "--once", "--secret-file", file)
                            .failed(1))
                    .isEqualTo(message);
            assertThat(Command.start("dial", directory.resolve("other"), bare, "--once")
                            .failed(1))
                    .containsIgnoringCase("secret");
            assertThat(Stored.in(directory.resolve("other"))).isEmpty();
            listen.terminate();
            listen.succeeded();
        }
        nothingLost();
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        filled();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "ws://127.0.0.1:" + taken.getLocalPort() + "/";
            assertThat(Command.start("listen", db(), address).failed(1))
                    .contains(Integer.toString(taken.getLocalPort()))
                    .contains("somebody listens at");
        }
        nothingLost();
    }

    @Test
    void nobodyListeningIsSaidSo() throws IOException {
        int free = FreePort.find();
        String address = "ws://127.0.0.1:" + free + "/#" + "A".repeat(43);
        String message = Command.start("dial", filled(), address, "--once").failed(1);
        assertThat(message).contains(Integer.toString(free)).doesNotContain("AAAA");
        nothingLost();
    }

    @Test
    void aDirectoryInUseIsNamed() {
        filled();
        try (Command listen = Command.start("listen", db(), "ws://127.0.0.1:0/")) {
            listen.line(1);
            assertThat(Command.start("listen", db(), "ws://127.0.0.1:0/").failed(1))
                    .contains("in use")
                    .contains(db().toString());
            assertThat(Command.start("verify", db(), "--repair").failed(1))
                    .contains("in use")
                    .contains(db().toString());
            listen.terminate();
            listen.succeeded();
        }
        nothingLost();
    }

    @Test
    void aFileThatIsNoDatabaseIsLeftAlone() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        assertThat(Command.start("export", file).failed(1)).contains(file.toString());
        assertThat(file).hasContent("precious");

        Path folder = Files.createDirectory(directory.resolve("folder"));
        Path inside = Files.writeString(folder.resolve("letter.txt"), "precious");
        assertThat(Command.start("put", folder, "x", "{}").failed(1)).contains(folder.toString());
        assertThat(folder.toFile().list()).containsExactly("letter.txt");
        assertThat(inside).hasContent("precious");
    }

    @Test
    void malformedJsonNamesItsLineAndKeepsWhatWasAcknowledged() throws IOException {
        filled();
        Path file = SampleRecords.lines(
                directory.resolve("bad.jsonl"),
                "{\"_id\":\"a\"}",
                "{\"_id\":\"b\"}",
                "{\"_id\":\"c\",}",
                "{\"_id\":\"d\"}");
        assertThat(Command.start("import", db(), file, "--ack").failed(1, "stored a", "stored b"))
                .contains("bad.jsonl, line 3, ")
                .contains("malformed JSON")
                .contains("2 documents before it stored");
        assertThat(Stored.in(db())).containsExactly("a {}", "b {}", "kept {\"n\":1}");
        Stored.intact(db(), "afterwards");
    }

    @Test
    void wrongUsageIsExitCodeTwo() {
        assertThat(Command.start("improt", db()).failed(2)).contains("improt");
        assertThat(Command.start("offer", db()).failed(2)).contains("--transport");
        assertThat(db()).doesNotExist();
    }
}
