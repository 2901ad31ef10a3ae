package dev.livesync.it.rooms;

import static dev.livesync.it.rooms.InRoom.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.database.Database;
import dev.livesync.transport.partykit.LocalRooms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Databases in a room that does what it should. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RoomSyncTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final LocalRooms rooms = new LocalRooms();

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void twoDatabasesAreEqualAndStaySo() throws Exception {
        try (InRoom one = new InRoom();
                InRoom other = new InRoom()) {
            for (int i = 0; i < 200; i++) {
                one.database.put("one-" + i, Map.of("n", i));
                other.database.put("other-" + i, Map.of("n", i));
            }
            Session session = get(other.sync.dial(one.listen(rooms.room("r"))));
            get(session.awaitEqual());
            assertThat(one.database.clock()).isEqualTo(other.database.clock());
            assertThat(one.database.summary().documents()).isEqualTo(400);
            one.database.put("late", Map.of("from", "one"));
            other.database.put("late too", Map.of("from", "other"));
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(one.database.clock())
                            .isEqualTo(other.database.clock())
                            .hasSizeLessThan(3));
            assertThat(other.database.get("late")).isPresent();
            assertThat(one.database.get("late too")).isPresent();
        }
    }

    @Test
    void aDocumentOfTenMegabytesArrives() throws Exception {
        try (InRoom one = new InRoom();
                InRoom other = new InRoom()) {
            String large = "0123456789".repeat(1 << 20);
            one.database.put("large", Map.of("text", large));
            Session session = get(other.sync.dial(one.listen(rooms.room("r"))));
            get(session.awaitEqual());
            assertThat(other.database.get("large")).isEqualTo(one.database.get("large"));
            assertThat(other.database.verify().ok()).isTrue();
        }
    }

    /** One is killed, the room is restarted: whoever keeps the hub's address finds it again, and what was written meanwhile. */
    @Test
    void eightPeersAreEqualAgainAfterOneWasKilledAndTheRoomRestarted() throws Exception {
        List<InRoom> peers = new ArrayList<>();
        try {
            InRoom hub = new InRoom();
            peers.add(hub);
            String address = hub.listen(rooms.room("r") + "hub");
            for (int i = 1; i < 8; i++) {
                InRoom peer = new InRoom();
                peers.add(peer);
                peer.sync.keep(address);
            }
            write(peers, "first");
            equal(peers);

            // Killed: its connection goes without a goodbye, and it doesn't come back.
            InRoom killed = peers.remove(7);
            rooms.cut("r", rooms.members("r").get(7));
            killed.close();
            write(peers, "without it");

            rooms.restart();
            write(peers, "after the restart");
            equal(peers);

            InRoom young = new InRoom();
            peers.add(young);
            young.sync.keep(address);
            equal(peers);
            assertThat(young.database.summary().documents()).isEqualTo(8 + 7 + 7);
        } finally {
            peers.forEach(InRoom::close);
        }
    }

    private static void write(List<InRoom> peers, String what) {
        for (int i = 0; i < peers.size(); i++) {
            peers.get(i).database.put(what + " " + i, Map.of("by", i));
        }
    }

    private static void equal(List<InRoom> peers) {
        Database first = peers.get(0).database;
        await().atMost(SOON)
                .untilAsserted(() -> peers.forEach(peer -> {
                    assertThat(peer.database.clock()).isEqualTo(first.clock());
                    assertThat(peer.database.summary().documents())
                            .isEqualTo(first.summary().documents());
                }));
        assertThat(first.all()).isEqualTo(peers.get(peers.size() - 1).database.all());
    }
}
