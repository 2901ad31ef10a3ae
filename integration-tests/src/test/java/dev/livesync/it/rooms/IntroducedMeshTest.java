package dev.livesync.it.rooms;

import static dev.livesync.it.rooms.InRoom.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.database.Database;
import dev.livesync.mesh.Mesh;
import dev.livesync.mesh.MeshOptions;
import dev.livesync.transport.partykit.LocalRooms;
import dev.livesync.transport.partykit.PartyKitTransportProvider;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A mesh in a room whose members have WebRTC: the room tells who is there and introduces them, and the sessions go on without it. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class IntroducedMeshTest {
    private static final Duration SOON = Duration.ofSeconds(100);
    private static final String SECRET = "I".repeat(43);

    /** A slow machine finds the path, too: it is looked for during a third of this. */
    private static final SyncLimits LIMITS =
            SyncLimits.builder().connectTime(Duration.ofMinutes(3)).build();

    private final LocalRooms rooms = new LocalRooms();
    private final List<Member> members = new ArrayList<>();

    /** A database and its place in the mesh. */
    private final class Member {
        final Database database;
        final Sync sync;
        final Mesh mesh;

        Member(Database database) throws Exception {
            this.database = database;
            PartyKitTransportProvider provider = new PartyKitTransportProvider();
            sync = Sync.builder(database)
                    .transport(provider)
                    .transport(new WebRtcTransportProvider())
                    .limits(LIMITS)
                    .build();
            members.add(this);
            mesh = get(sync.mesh(
                    provider.discovery(), MeshOptions.at(rooms.room("r")).withSecret(SECRET)));
        }
    }

    @AfterEach
    void close() {
        members.forEach(member -> {
            member.sync.close();
            member.database.close();
        });
        rooms.close();
    }

    private void everyPairHasOneSessionOverWebRtc() {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(members)
                        .allSatisfy(member -> assertThat(member.mesh.sessions())
                                .hasSize(members.size() - 1)
                                .extracting(Session::transport)
                                .containsOnly("webrtc")));
    }

    private void equal() {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(members.stream()
                                .map(member -> member.database.clock())
                                .distinct())
                        .hasSize(1));
    }

    @Test
    void sessionsOfAMeshGoDirectOutliveTheRoomAndAreMadeAgain() throws Exception {
        for (int i = 0; i < 3; i++) {
            new Member(Database.inMemory()).database.put("of " + i, Map.of());
        }
        everyPairHasOneSessionOverWebRtc();
        equal();

        rooms.down();
        members.get(0).database.put("without the room", Map.of());
        equal();
        assertThat(members.get(2).database.get("without the room")).isPresent();
        everyPairHasOneSessionOverWebRtc();

        rooms.up();
        Member leaves = members.remove(1);
        leaves.mesh.close();
        leaves.sync.close();
        leaves.database.put("while away", Map.of());
        new Member(leaves.database);
        everyPairHasOneSessionOverWebRtc();
        equal();
        assertThat(members.get(0).database.get("while away")).isPresent();
    }
}
