package dev.livesync.it.webrtc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A database and its sync over WebRTC, with nothing between it and the network. */
final class WebRtcReplica implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;

    private final Database database = Database.inMemory();
    private final Sync sync;

    /** Takes alphas. */
    WebRtcReplica() {
        this(true);
    }

    WebRtcReplica(boolean alphas) {
        this.sync = Sync.builder(database)
                .transport(new WebRtcTransportProvider())
                .allowAlpha(alphas)
                .build();
    }

    Database database() {
        return database;
    }

    Sync sync() {
        return sync;
    }

    /** Meets another one; this one offers. The session is this one's. */
    Session offerTo(WebRtcReplica other) throws Exception {
        return get(sync.connect(get(other.sync.accept(get(sync.offer())))));
    }

    static <T> T get(CompletableFuture<T> stage) throws Exception {
        return stage.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    static void assertEqual(WebRtcReplica a, WebRtcReplica b) {
        await().atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(a.database.clock()).isEqualTo(b.database.clock()));
        assertThat(a.database.all()).isEqualTo(b.database.all());
    }

    List<String> ids() {
        return database.documents().map(Document::id).toList();
    }

    String json(String id) {
        return database.get(id).orElseThrow().json();
    }

    /** So many ids in one of the orders in which databases are filled. */
    static List<String> ids(String order, int count) {
        Random random = new Random(count);
        return switch (order) {
            case "ascending" ->
                IntStream.range(0, count).mapToObj("doc%05d"::formatted).toList();
            case "descending" ->
                IntStream.range(0, count)
                        .mapToObj(i -> "doc%05d".formatted(count - i))
                        .toList();
            default ->
                IntStream.range(0, count)
                        .mapToObj(i -> {
                            byte[] bytes = new byte[8];
                            random.nextBytes(bytes);
                            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
                        })
                        .toList();
        };
    }

    /** One put after the other, as people write. */
    void put(List<String> ids) {
        for (int i = 0; i < ids.size(); i++) {
            database.put(ids.get(i), "{\"n\":" + i + "}");
        }
    }

    @Override
    public void close() {
        sync.close();
        database.close();
    }
}
