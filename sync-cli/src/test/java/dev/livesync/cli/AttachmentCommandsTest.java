package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that goes in and comes out. */
class AttachmentCommandsTest {
    private final Shell shell = new Shell();
    private final byte[] content = new byte[400_000];

    @TempDir
    private Path directory;

    private Path db = Path.of("");
    private Path photo = Path.of("");

    @BeforeEach
    void write() throws IOException {
        new Random(1).nextBytes(content);
        db = directory.resolve("db");
        photo = Files.write(directory.resolve("sea.jpg"), content);
    }

    @Test
    void whatIsAttachedIsExtracted() throws IOException {
        shell.lines("put", db, "p", "{\"title\":\"Sea\"}");
        assertThat(shell.lines("attach", db, "p", "image", photo))
                .singleElement()
                .asString()
                .startsWith("attached baf")
                .endsWith(" (400000 bytes) to p");
        JsonNode document =
                new JsonMapper().readTree(shell.lines("get", db, "p").get(0));
        assertThat(document.get("title").asText()).isEqualTo("Sea");
        assertThat(document.get("image").get("size").asInt()).isEqualTo(400_000);
        assertThat(document.get("image").get("type").asText()).isEqualTo("image/jpeg");
        Path copy = directory.resolve("copy.jpg");
        assertThat(shell.lines("extract", db, "p", "image", copy))
                .containsExactly("extracted 400000 bytes of image/jpeg to " + copy);
        assertThat(Files.readAllBytes(copy)).isEqualTo(content);
        assertThat(shell.run("extract", db, "p", "image", copy)).isEqualTo(1);
        assertThat(shell.err()).contains("--force").hasLineCount(1);
        assertThat(shell.run("extract", "--force", "--json", db, "p", "image", copy))
                .isZero();
        assertThat(new JsonMapper().readTree(shell.out()).get("size").asInt()).isEqualTo(400_000);
        try (var files = Files.list(directory)) {
            assertThat(files.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("db", "sea.jpg", "copy.jpg");
        }
    }

    /** As root, drawing a clock into /dev/null would otherwise leave a file there, and no device. */
    @Test
    void whatIsNoFileIsNotReplaced() throws IOException {
        Path socket = directory.resolve("socket");
        shell.lines("attach", db, "p", "image", photo);
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            assertThat(shell.run("extract", "--force", db, "p", "image", socket))
                    .isEqualTo(1);
            assertThat(shell.err()).contains("not a file: " + socket);
            assertThat(shell.run("log", "--svg", socket, db)).isEqualTo(1);
            assertThat(shell.run("export", "--car", socket, db)).isEqualTo(1);
            assertThat(Files.exists(socket)).isTrue();
            assertThat(Files.isRegularFile(socket)).isFalse();
        }
        assertThat(shell.run("attach", "--type", "no\ntype", db, "p", "image", photo))
                .isEqualTo(1);
        assertThat(shell.err()).contains("type").contains("image/jpeg").doesNotContain("root");
    }

    @Test
    void aDocumentIsMadeAndTheTypeCanBeSaid() throws IOException {
        JsonNode said = new JsonMapper()
                .readTree(shell.lines("attach", "--json", "--type", "x/y", db, "new", "file", photo)
                        .get(0));
        assertThat(said.get("stored").asText()).isEqualTo("new");
        assertThat(shell.lines("get", db, "new"))
                .singleElement()
                .asString()
                .contains("\"type\":\"x/y\"", said.get("attached").asText());
        assertThat(shell.lines("verify", db)).isNotEmpty();
    }

    @Test
    void whatCannotBeIsSaid() {
        assertThat(shell.run("attach", db, "p", "image", directory.resolve("none")))
                .isEqualTo(1);
        assertThat(shell.err()).contains("none").hasLineCount(1);
        shell.lines("put", db, "p", "{\"image\":1}");
        Path copy = directory.resolve("copy.jpg");
        assertThat(shell.run("extract", db, "p", "image", copy)).isEqualTo(1);
        assertThat(shell.err()).contains("names no attachment under \"image\"").hasLineCount(1);
        assertThat(shell.run("extract", db, "q", "image", copy)).isEqualTo(1);
        assertThat(shell.err()).contains("no document \"q\"").hasLineCount(1);
        assertThat(copy).doesNotExist();
    }

    /** Somebody else's document came, and the content did not. */
    @Test
    void whatIsElsewhereIsNamedAsMissing() {
        shell.lines("attach", db, "p", "image", photo);
        Path car = directory.resolve("db.car");
        Path other = directory.resolve("other");
        shell.lines("export", "--car", car, db);
        shell.lines("import", other, car);
        assertThat(shell.run("extract", other, "p", "image", directory.resolve("copy.jpg")))
                .isEqualTo(1);
        assertThat(shell.err())
                .contains("400000 of 400000 bytes are not here", "--attachments")
                .hasLineCount(1);
    }
}
