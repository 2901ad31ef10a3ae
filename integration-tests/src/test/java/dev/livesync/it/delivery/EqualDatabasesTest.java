package dev.livesync.it.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.database.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What two equal databases say to find out that they are: from the TCP connection on, the WebSocket's opening and the seals included. */
class EqualDatabasesTest {
    private static final int MOST_BYTES = 500;

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 2_000})
    void theyAreInStepAfterTwoRoundTripsAndFewBytesHoweverManyDocumentsTheyHave(int documents) throws Exception {
        CompletableFuture<Session> listening = new CompletableFuture<>();
        try (Database here = Database.inMemory();
                Database there = Database.inMemory()) {
            for (int i = 0; i < documents; i++) {
                here.put("document-" + i, "{\"number\":" + i + "}");
            }
            synced(here, there);
            try (Sync hub = Sync.builder(here)
                            .listener(new SyncListener() {
                                @Override
                                public void sessionOpened(Session session) {
                                    listening.complete(session);
                                }
                            })
                            .build();
                    Sync client = Sync.builder(there).build()) {
                Endpoint endpoint = hub.listen("ws://127.0.0.1:0/").get(1, TimeUnit.MINUTES);
                try (FlightRecorder recorder = new FlightRecorder(endpoint.address())) {
                    Session session = client.dial(recorder.address()).get(1, TimeUnit.MINUTES);
                    session.awaitEqual().get(1, TimeUnit.MINUTES);
                    listening.get(1, TimeUnit.MINUTES).awaitEqual().get(1, TimeUnit.MINUTES);
                    List<FlightRecorder.Flight> flights = recorder.flights();
                    System.out.println(documents + " documents: " + flights);
                    assertThat(flights)
                            .extracting(FlightRecorder.Flight::fromDialler)
                            .as("request and answer, the handshake's two messages, the confirmation")
                            .containsExactly(true, false, true, false, true);
                    assertThat(flights.stream()
                                    .mapToLong(FlightRecorder.Flight::bytes)
                                    .sum())
                            .isLessThanOrEqualTo(MOST_BYTES);
                    there.put("later", "{\"live\":true}");
                    session.delivered().get(1, TimeUnit.MINUTES);
                    assertThat(here.get("later")).isPresent();
                }
            }
        }
    }

    /** The directories are closed in between, as by two processes. What is remembered is a hint: without the file it takes more bytes. */
    @Test
    void whoHasMetBeforeStartsWhereTheyParted(@TempDir Path directory) throws Exception {
        long first = 0;
        for (boolean remembers : new boolean[] {false, true}) {
            Path here = directory.resolve(remembers + "-here");
            Path there = directory.resolve(remembers + "-there");
            try (Database one = Database.open(here);
                    Database other = Database.open(there)) {
                for (int i = 0; i < 500; i++) {
                    one.put("document-" + i, "{\"number\":" + i + "}");
                }
                synced(one, other);
            }
            assertThat(there.resolve("peers.idx")).exists();
            if (!remembers) {
                Files.delete(there.resolve("peers.idx"));
            }
            try (Database one = Database.open(here);
                    Database other = Database.open(there)) {
                one.put("one", "{}");
                other.put("other", "{}");
                long bytes = bytes(one, other);
                System.out.println((remembers ? "remembered: " : "not remembered: ") + bytes + " bytes");
                if (remembers) {
                    assertThat(bytes).isBetween(first / 2, first - 150);
                }
                first = bytes;
                assertThat(one.get("other")).isPresent();
                assertThat(other.get("one")).isPresent();
            }
        }
    }

    private static long bytes(Database here, Database there) throws Exception {
        try (Sync hub = Sync.builder(here).build();
                Sync client = Sync.builder(there).build()) {
            Endpoint endpoint = hub.listen("ws://127.0.0.1:0/").get(1, TimeUnit.MINUTES);
            try (FlightRecorder recorder = new FlightRecorder(endpoint.address())) {
                Session session = client.dial(recorder.address()).get(1, TimeUnit.MINUTES);
                session.awaitEqual().get(1, TimeUnit.MINUTES);
                return recorder.flights().stream()
                        .mapToLong(FlightRecorder.Flight::bytes)
                        .sum();
            }
        }
    }

    private static void synced(Database here, Database there) throws Exception {
        try (Sync hub = Sync.builder(here).build();
                Sync client = Sync.builder(there).build()) {
            Endpoint endpoint = hub.listen("ws://127.0.0.1:0/").get(1, TimeUnit.MINUTES);
            Session session = client.dial(endpoint.address()).get(1, TimeUnit.MINUTES);
            session.awaitEqual().get(1, TimeUnit.MINUTES);
        }
    }
}
