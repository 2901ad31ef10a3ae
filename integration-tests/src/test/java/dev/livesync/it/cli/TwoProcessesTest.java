package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The main job between processes. */
class TwoProcessesTest {
    private static final int DOCUMENTS = 10_000;
    private static final long SEED = 42;

    @TempDir
    private Path directory;

    private Path a;
    private Path b;

    private void sync() {
        try (Command listen = Command.start("listen", a, "ws://127.0.0.1:0/")) {
            assertThat(Command.run("dial", b, listen.line(1), "--once").lines())
                    .singleElement()
                    .asString()
                    .startsWith("equal: ");
            listen.terminate();
            listen.succeeded();
        }
    }

    /** What both export, after making sure that it is the same. */
    private List<String> exported() {
        List<String> atA = Command.run("export", a).lines();
        assertThat(Command.run("export", b).lines()).isEqualTo(atA);
        Stored.equal(a, b, "heads and documents");
        return atA;
    }

    @Test
    void tenThousandDocumentsThenEditsThenAConflictAndADelete() throws IOException {
        a = directory.resolve("a");
        b = directory.resolve("b");
        Path records = SampleRecords.file(directory.resolve("records.jsonl"), DOCUMENTS, SEED);
        assertThat(Command.run("import", a, records).lines()).containsExactly(DOCUMENTS + " documents stored in " + a);
        sync();
        assertThat(exported()).hasSize(DOCUMENTS);

        Command.run("import", a, SampleRecords.edits(directory.resolve("a.jsonl"), 10, DOCUMENTS / 2, "at a", 1));
        Command.run("import", b, SampleRecords.edits(directory.resolve("b.jsonl"), 10, DOCUMENTS / 2, "at b", 2));
        sync();
        List<String> merged = exported();
        assertThat(merged).hasSize(DOCUMENTS);
        assertThat(merged)
                .filteredOn(line -> line.contains("\"edited\":\"at a"))
                .isNotEmpty();
        assertThat(merged)
                .filteredOn(line -> line.contains("\"edited\":\"at b"))
                .isNotEmpty();

        String both = SampleRecords.id(DOCUMENTS - 1);
        String gone = SampleRecords.id(DOCUMENTS - 2);
        Stored.put(a, both, "{\"by\":\"a\"}");
        Stored.put(b, both, "{\"by\":\"b\"}");
        Command.run("delete", b, gone);
        sync();
        List<String> last = exported();
        assertThat(last).hasSize(DOCUMENTS - 1);
        assertThat(last).noneMatch(line -> line.contains(gone));
        assertThat(last.get(last.size() - 1))
                .isIn("{\"_id\":\"" + both + "\",\"by\":\"a\"}", "{\"_id\":\"" + both + "\",\"by\":\"b\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "webrtc"})
    void offerAndAnswerPassThroughStandardStreams(String transport) throws IOException {
        a = directory.resolve("a");
        b = directory.resolve("b");
        Command.run("import", a, SampleRecords.file(directory.resolve("a.jsonl"), 100, SEED));
        Stored.put(b, "only-b", "{}");
        try (Command offer = Command.start("offer", a, "--transport", transport, "--once");
                Command accept = Command.start("accept", b, "--once")) {
            accept.type(offer.line(1));
            offer.type(accept.line(1));
            assertThat(offer.succeeded().lines()).hasSize(2);
            assertThat(accept.succeeded().lines()).hasSize(2);
        }
        assertThat(Stored.equal(a, b, "heads and documents")).hasSize(101);
    }

    /** As a mail program wraps it, as an answer to a mail quotes it, as people quote it; and nobody closes standard input. */
    @ParameterizedTest
    @ValueSource(strings = {"(.{1,76})|$1\n", "(.{1,60})|  > $1\r\n", "^|\"", "^(.{100})|    $1\n    "})
    void anOfferAndAnAnswerMayBeWrappedQuotedAndIndented(String carrier) {
        String pattern = carrier.substring(0, carrier.indexOf('|'));
        String replacement = carrier.substring(carrier.indexOf('|') + 1);
        a = directory.resolve("a");
        b = directory.resolve("b");
        Stored.put(a, "only-a", "{}");
        Stored.put(b, "only-b", "{}");
        try (Command offer = Command.start("offer", a, "--transport", "websocket", "--once");
                Command accept = Command.start("accept", b, "--once")) {
            accept.type(offer.line(1).replaceAll(pattern, replacement));
            offer.type(accept.line(1).replaceAll(pattern, replacement));
            assertThat(offer.exitCode()).as(offer.toString()).isZero();
            assertThat(accept.exitCode()).as(accept.toString()).isZero();
        }
        assertThat(Stored.equal(a, b, "heads and documents")).hasSize(2);
    }

    @Test
    void aThirdPeerGetsLiveChangesThroughTheMiddleOne() throws Exception {
        Path middle = directory.resolve("b");
        try (Command listen = Command.start("listen", middle, "ws://127.0.0.1:0/");
                Database first = Database.open(directory.resolve("a"));
                Database third = Database.open(directory.resolve("c"));
                Sync atFirst = new Sync(first);
                Sync atThird = new Sync(third)) {
            first.put("before", "{\"n\":0}");
            CompletableFuture<Void> arrivedBefore = new CompletableFuture<>();
            CompletableFuture<Void> arrivedLive = new CompletableFuture<>();
            CompletableFuture<Void> arrivedBack = new CompletableFuture<>();
            try (Subscription atC = third.subscribe(ids -> {
                        complete(arrivedBefore, ids.contains("before"));
                        complete(arrivedLive, ids.contains("live"));
                    });
                    Subscription atA = first.subscribe(ids -> complete(arrivedBack, ids.contains("back")));
                    Session one = get(atFirst.dial(listen.line(1)));
                    Session other = get(atThird.dial(listen.line(1)))) {
                get(arrivedBefore);
                first.put("live", "{\"n\":1}");
                get(arrivedLive);
                third.put("back", "{\"n\":2}");
                get(arrivedBack);
            }
            listen.terminate();
            listen.succeeded();
            assertThat(third.get("live").orElseThrow().json()).isEqualTo("{\"n\":1}");
            assertThat(first.get("back").orElseThrow().json()).isEqualTo("{\"n\":2}");
            assertThat(Stored.in(middle)).containsExactly("back {\"n\":2}", "before {\"n\":0}", "live {\"n\":1}");
        }
    }

    private static void complete(CompletableFuture<Void> future, boolean now) {
        if (now) {
            future.complete(null);
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }
}
