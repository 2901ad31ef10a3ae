package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Much, and large, in little memory. */
class LargeTest {
    private static final List<String> SMALL_HEAP = List.of("-Xmx256m");
    private static final int DOCUMENTS = 100_000;

    @TempDir
    private Path directory;

    @Test
    void aHundredThousandDocumentsAndOneOfTenMegabytesPassWithSmallHeaps() throws IOException {
        Path a = directory.resolve("a");
        Path b = directory.resolve("b");
        Path records = SampleRecords.file(directory.resolve("records.jsonl"), DOCUMENTS, 3);
        Path large = SampleRecords.lines(
                directory.resolve("large.jsonl"),
                "{\"_id\":\"large\",\"text\":\"" + "0123456789".repeat(1_000_000) + "\"}");
        Command.start(SMALL_HEAP, "import", a, records).succeeded();
        Command.start(SMALL_HEAP, "import", a, large).succeeded();
        try (Command listen = Command.start(SMALL_HEAP, "listen", a, "ws://127.0.0.1:0/")) {
            Command.start(SMALL_HEAP, "dial", b, listen.line(1), "--once").succeeded();
            listen.terminate();
            listen.succeeded();
        }
        try (Database atA = Database.open(a);
                Database atB = Database.open(b)) {
            assertThat(atB.clock()).isEqualTo(atA.clock());
            assertThat(atB.summary().documents()).isEqualTo(DOCUMENTS + 1);
            assertThat(atB.get("large").orElseThrow().json()).hasSizeGreaterThan(10_000_000);
        }
        Command exported = Command.start(SMALL_HEAP, "export", b).succeeded();
        try (BufferedReader imported = Files.newBufferedReader(records)) {
            for (String line : exported.lines().subList(0, DOCUMENTS)) {
                String record = imported.readLine();
                assertThat(line).startsWith(record.substring(0, record.indexOf(',')));
            }
        }
    }

    /** The wire cannot push back: what bounds the receiver is the credit that it grants. */
    @Test
    void manyDocumentsAndOneOfTenMegabytesPassOverWebRtcWithSmallHeaps() throws IOException {
        overWebRtc(10_000);
    }

    @Tag("soak")
    @Test
    void aHundredThousandDocumentsPassOverWebRtcWithSmallHeaps() throws IOException {
        overWebRtc(DOCUMENTS);
    }

    private void overWebRtc(int documents) throws IOException {
        Path a = directory.resolve("a");
        Path b = directory.resolve("b");
        Command.start(SMALL_HEAP, "import", a, SampleRecords.file(directory.resolve("records.jsonl"), documents, 3))
                .succeeded();
        Path large = SampleRecords.lines(
                directory.resolve("large.jsonl"),
                "{\"_id\":\"large\",\"text\":\"" + "0123456789".repeat(1_000_000) + "\"}");
        Command.start(SMALL_HEAP, "import", a, large).succeeded();
        try (Command offer = Command.start(SMALL_HEAP, "offer", a, "--transport", "webrtc", "--once");
                Command accept = Command.start(SMALL_HEAP, "accept", b, "--once")) {
            accept.type(offer.line(1));
            offer.type(accept.line(1));
            offer.succeeded();
            accept.succeeded();
        }
        try (Database atA = Database.open(a);
                Database atB = Database.open(b)) {
            assertThat(atB.clock()).isEqualTo(atA.clock());
            assertThat(atB.summary().documents()).isEqualTo(documents + 1);
            assertThat(atB.get("large").orElseThrow().json()).hasSizeGreaterThan(10_000_000);
        }
    }

    @Test
    void aDocumentOverTheLimitIsAClearErrorOnBothSides() throws Exception {
        Path b = directory.resolve("b");
        Stored.put(b, "kept", "{}");
        CompletableFuture<SyncException> here = new CompletableFuture<>();
        SyncListener listener = new SyncListener() {
            @Override
            public void sessionClosed(Session session, @Nullable SyncException failure) {
                if (failure != null) {
                    here.complete(failure);
                }
            }
        };
        int limit = 40 << 20;
        try (Database a = Database.open(
                        directory.resolve("a"),
                        DatabaseOptions.builder().maxDocumentBytes(limit).build());
                Sync sync = Sync.builder(a)
                        .limits(SyncLimits.defaults().toBuilder()
                                .maxDocumentBytes(limit)
                                .build())
                        .listener(listener)
                        .build();
                Endpoint endpoint = sync.listen("ws://127.0.0.1:0/").get(60, TimeUnit.SECONDS)) {
            a.put("small", "{}");
            a.put("huge", "{\"text\":\"" + "x".repeat(17 << 20) + "\"}");
            String there =
                    Command.start("dial", b, endpoint.address(), "--once").failed(1);
            assertThat(there).contains("over the limit");
            SyncException failure = here.get(60, TimeUnit.SECONDS);
            assertThat(failure.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
            assertThat(failure).hasMessageContaining("limit");
        }
        Stored.intact(b, "afterwards");
        assertThat(Stored.in(b)).contains("kept {}").noneMatch(document -> document.startsWith("huge "));
    }

    @Test
    void aDocumentOverTheLimitIsRefusedByPut() throws IOException {
        Path b = directory.resolve("b");
        Path file = SampleRecords.lines(
                directory.resolve("huge.jsonl"),
                "{\"_id\":\"a\"}",
                "{\"_id\":\"huge\",\"text\":\"" + "x".repeat(17 << 20) + "\"}",
                "{\"_id\":\"never\"}");
        assertThat(Command.start("import", b, file, "--ack").failed(1, "stored a"))
                .contains("huge.jsonl, line 2, column 1: ")
                .contains("over the limit");
        try (Database database = Database.open(b)) {
            assertThatThrownBy(() -> database.put("huge", "{\"text\":\"" + "x".repeat(17 << 20) + "\"}"))
                    .isInstanceOf(SyncException.class);
            assertThat(database.all()).hasSize(1);
        }
    }
}
