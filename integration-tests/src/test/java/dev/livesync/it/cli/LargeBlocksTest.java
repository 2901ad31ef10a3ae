package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many sessions with a large block under way each, to a process whose heap holds a few of them. */
class LargeBlocksTest {
    @TempDir
    private Path directory;

    @Test
    void twelveOfEightMebibytesThroughAHeapOfNinetySix() {
        through("-Xmx96m", 12, 8 << 20, "-Xmx512m");
    }

    @Tag("soak")
    @Test
    void fortyOfSixteenMebibytesThroughAHeapOfTwoHundredFiftySix() {
        through("-Xmx256m", 40, 16 << 20, "-Xmx3g");
    }

    private void through(String heap, int peers, int bytes, String heapOfPeers) {
        try (Command hub = Command.start(List.of(heap), "listen", directory.resolve("hub"), "ws://127.0.0.1:0/")) {
            String address = hub.line(1);
            try (Command all =
                    Command.program(LargeBlocksProgram.class.getName(), List.of(heapOfPeers), address, peers, bytes)) {
                assertThat(all.line(1)).as("%s%n%s", all, hub).isEqualTo("under way");
                visit(address, "meanwhile");
                assertThat(all.line(2)).as("%s%n%s", all, hub).isEqualTo("delivered");
                assertThat(visit(address, "afterwards")).contains("large", "meanwhile", "afterwards");
                all.type("").succeeded();
                assertThat(all.lines()).containsExactly("under way", "delivered");
            }
            hub.terminate();
            assertThat(hub.exitCode()).as(hub::toString).isZero();
            assertThat(hub.messages()).as(hub::toString).noneMatch(line -> line.contains("memory"));
        }
        Stored.intact(directory.resolve("hub"), "the hub");
    }

    /** Somebody else, with one document; the ids that it has in the end. */
    private List<String> visit(String address, String id) {
        Path visitor = directory.resolve(id);
        Stored.put(visitor, id, "{}");
        Command.run("dial", visitor, address, "--once");
        return Stored.in(visitor).stream()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
    }
}
