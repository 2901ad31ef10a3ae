package dev.livesync.it.rooms;

import static dev.livesync.it.rooms.InRoom.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.transport.partykit.LocalRooms;
import dev.livesync.transport.partykit.PartyKitTransportProvider;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A room introduces two peers that both have WebRTC, and carries nothing else. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RoomIntroductionTest {
    private static final int DOCUMENTS = 500;
    private static final Duration SOON = Duration.ofMinutes(1);

    /** Handshake, offer, answer and verdicts, as the room gets and sends them. */
    private static final int INTRODUCTION_BYTES = 64_000;

    private final LocalRooms rooms = new LocalRooms();
    private final Database here = Database.inMemory();
    private final Database there = Database.inMemory();
    private final Sync listening = peer(here);
    private final Sync dialling = peer(there);

    private static Sync peer(Database database) {
        return Sync.builder(database)
                .transport(new PartyKitTransportProvider())
                .transport(new WebRtcTransportProvider())
                .build();
    }

    @BeforeEach
    void fill() {
        rooms.record();
        for (int i = 0; i < DOCUMENTS; i++) {
            here.put("h" + i, Map.of("text", Integer.toString(i * 7919, 36).repeat(40)));
            there.put("t" + i, Map.of("text", Integer.toString(i * 7907, 36).repeat(40)));
        }
    }

    @AfterEach
    void close() {
        dialling.close();
        listening.close();
        here.close();
        there.close();
        rooms.close();
    }

    @Test
    void theSessionGoesOverWebRtcAndOutlivesTheRoom() throws Exception {
        Session session =
                get(dialling.dial(get(listening.listen(rooms.room("r"))).address()));
        get(session.awaitEqual());
        assertThat(session.transport()).isEqualTo("webrtc");
        assertThat(session.statistics().bytesReceived()).isGreaterThan(INTRODUCTION_BYTES);
        assertThat(rooms.recorded().length).isLessThan(INTRODUCTION_BYTES);

        rooms.down();
        here.put("live", Map.of("from", "here"));
        there.put("alive", Map.of("from", "there"));
        await().atMost(SOON)
                .until(() -> there.get("live").isPresent() && here.get("alive").isPresent());
        assertThat(dialling.sessions()).containsExactly(session);
    }
}
