package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
    @TempDir
    private Path directory;

    /** A temporary directory of its own, so that what the demo leaves behind is seen. */
    private Command demo(Object... arguments) throws IOException {
        return Command.start(List.of("-Djava.io.tmpdir=" + directory), arguments)
                .succeeded();
    }

    @Test
    void syncsTheShippedRecordsAndSaysWhatItDid() throws IOException {
        List<String> lines = demo("demo").lines();
        assertThat(lines.get(0))
                .matches("synced +3\\d\\d records \\(the tz database's table of time zones, public domain\\).*");
        List<String> sides =
                lines.stream().filter(line -> line.matches("[AB] .*")).toList();
        assertThat(sides)
                .hasSize(2)
                .allMatch(line -> line.matches("[AB] +\\d+ documents, head bafyrei\\w+(, bafyrei\\w+)*"));
        assertThat(sides.get(0).substring(1)).isEqualTo(sides.get(1).substring(1));
        assertThat(lines).anyMatch(line -> line.matches("bytes +\\d{5,} in both directions"));
        assertThat(lines).anyMatch(line -> line.matches("time +\\d+ ms"));
        assertThat(lines.get(lines.size() - 1)).isEqualTo("equal    documents and heads");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void takesTheRecordsOfAFile() throws IOException {
        Path file = SampleRecords.file(directory.resolve("records.jsonl"), 50, 7);
        assertThat(demo("demo", "--json", "--file", file).lines())
                .singleElement()
                .asString()
                .contains("\"equal\":true", "\"records\":50", "\"documents\":51");
    }

    @Test
    void oneRecordIsEnough() throws IOException {
        Path file = SampleRecords.lines(directory.resolve("one.jsonl"), "{\"only\":1}");
        assertThat(demo("demo", "--json", "--file", file).lines())
                .singleElement()
                .asString()
                .contains("\"equal\":true");
    }
}
