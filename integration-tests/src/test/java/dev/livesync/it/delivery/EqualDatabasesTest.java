package dev.livesync.it.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.database.Database;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

    private static void synced(Database here, Database there) throws Exception {
        try (Sync hub = Sync.builder(here).build();
                Sync client = Sync.builder(there).build()) {
            Endpoint endpoint = hub.listen("ws://127.0.0.1:0/").get(1, TimeUnit.MINUTES);
            Session session = client.dial(endpoint.address()).get(1, TimeUnit.MINUTES);
            session.awaitEqual().get(1, TimeUnit.MINUTES);
        }
    }
}
