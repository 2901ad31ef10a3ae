package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void aDialEndsWhenTheOtherSideLeaves() {
        try (Command listen = Command.start("listen", directory.resolve("a"), "ws://127.0.0.1:0/");
                Command dial = Command.start("dial", directory.resolve("b"), listen.line(1))) {
            dial.message(line -> line.startsWith("in step with "));
            listen.terminate();
            assertThat(listen.exitCode()).isZero();
            assertThat(dial.exitCode()).as(dial::toString).isZero();
        }
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
