package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.transport.partykit.LocalRooms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code join}: processes that find each other in a room. */
class JoinTest {
    @TempDir
    private Path directory;

    private final LocalRooms rooms = new LocalRooms();

    @AfterEach
    void close() {
        rooms.close();
    }

    private Path put(String name) throws Exception {
        Path database = directory.resolve(name);
        Stored.put(database, "of-" + name, "{}");
        return database;
    }

    @Test
    void oneAddressIsEnoughToFindEachOtherLeaveAndComeBack() throws Exception {
        Path a = put("a");
        Path b = put("b");
        Path c = put("c");
        String party = "partykit+ws://127.0.0.1:" + rooms.port() + "/parties/livesync";
        try (Command first = Command.start("join", a, party)) {
            String address = first.line(1);
            assertThat(address).matches("\\Q" + party + "\\E/[A-Za-z0-9_-]{22}#[A-Za-z0-9_-]{43}");
            first.message(line -> line.matches("in the room as [A-Za-z0-9_-]{22}, stop with Ctrl-C"));
            try (Command second = Command.start("join", b, address)) {
                assertThat(second.line(1)).isEqualTo(address);
                first.message(line -> line.startsWith("connected with ") && line.endsWith(", over webrtc"));
                first.message(line -> line.startsWith("in step with "));
                second.message(line -> line.startsWith("in step with "));
                second.kill();
            }
            Stored.put(b, "while-away", "{}");
            assertThat(Command.run("join", c, address, "--once").lines())
                    .singleElement()
                    .asString()
                    .startsWith("equal: ");
            try (Command again = Command.start("join", b, address)) {
                again.message(line -> line.startsWith("in step with "));
                again.interrupt();
                assertThat(again.exitCode()).as(again::toString).isZero();
            }
            first.interrupt();
            assertThat(first.exitCode()).as(first::toString).isZero();
            for (String line : first.messages()) {
                assertThat(line).doesNotContain(address.substring(address.indexOf('#') + 1));
            }
        }
        Stored.equal(a, b, "heads and documents");
        assertThat(Stored.in(a)).hasSize(4);
        assertThat(Stored.in(c)).hasSize(3);
    }

    @Test
    void whatIsNoRoomAndWhereNoneIsAreSaid() throws Exception {
        Path a = put("a");
        Path token = Files.writeString(directory.resolve("token"), "t");
        assertThat(Command.start("join", a, "ws://127.0.0.1:1/").failed(1)).contains("no room");
        assertThat(Command.start(
                                "join",
                                a,
                                "partykit+ws://127.0.0.1:1/parties/livesync/r",
                                "--listen",
                                "ws://127.0.0.1:0/")
                        .failed(1))
                .contains("--listen is for mdns:");
        assertThat(Command.start("join", a, "mdns:notes", "--token-file", token).failed(1))
                .contains("--token-file");
        int port = rooms.port();
        rooms.close();
        List<String> lines = List.of();
        assertThat(Command.start("join", a, "partykit+ws://127.0.0.1:" + port + "/parties/livesync/r")
                        .failed(1, lines.toArray(String[]::new)))
                .contains("127.0.0.1:" + port);
    }
}
