package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.it.room.ServedRoom;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job between two processes that meet in a room, which is a third. */
class RoomProcessesTest {
    @TempDir
    private Path directory;

    @Test
    void tenThousandDocumentsThroughWorkerd() throws Exception {
        through(10_000, List.of());
    }

    @Test
    @Tag("soak")
    void aHundredThousandDocumentsThroughWorkerdInLittleMemory() throws Exception {
        through(100_000, List.of("-Xmx256m"));
    }

    private void through(int documents, List<String> jvm) throws Exception {
        Path a = directory.resolve("a");
        Path b = directory.resolve("b");
        Path records = SampleRecords.file(directory.resolve("records.jsonl"), documents, 17);
        Command.run("import", a, records);
        try (ServedRoom room = ServedRoom.start(ServedRoom.Runtime.WORKERD);
                Command listen = Command.start(jvm, "listen", a, "partykit+" + room.room("ten-thousand") + "/")) {
            try (Command dial = Command.start(jvm, "dial", b, listen.line(1), "--once")) {
                dial.succeeded();
                assertThat(dial.lines()).singleElement().asString().startsWith("equal: ");
            }
            listen.terminate();
            listen.succeeded();
        }
        Stored.equal(a, b, "heads and documents");
        assertThat(Command.run("export", b).lines()).hasSize(documents);
    }
}
