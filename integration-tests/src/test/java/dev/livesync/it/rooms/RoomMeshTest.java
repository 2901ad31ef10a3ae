package dev.livesync.it.rooms;

import static dev.livesync.it.rooms.InRoom.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.SyncLimits;
import dev.livesync.api.ErrorKind;
import dev.livesync.mesh.Mesh;
import dev.livesync.mesh.MeshOptions;
import dev.livesync.transport.partykit.LocalRooms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Databases in a room that find each other there. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RoomMeshTest {
    private static final Duration SOON = Duration.ofSeconds(100);
    private static final String SECRET = "R".repeat(43);

    /** Who sleeps is noticed after seconds, and a dial to whoever sleeps ends. */
    private static final SyncLimits LIMITS = SyncLimits.builder()
            .heartbeat(Duration.ofSeconds(1))
            .connectTime(Duration.ofSeconds(5))
            .build();

    private final LocalRooms rooms = new LocalRooms();
    private final Map<InRoom, Mesh> peers = new LinkedHashMap<>();

    @AfterEach
    void close() {
        peers.keySet().forEach(InRoom::close);
        rooms.close();
    }

    private InRoom join(String secret) throws Exception {
        InRoom peer = new InRoom(LIMITS);
        peers.put(
                peer,
                get(peer.sync.mesh(
                        peer.rooms.discovery(), MeshOptions.at(rooms.room("r")).withSecret(secret))));
        return peer;
    }

    private void equal(Set<InRoom> those) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(those.stream()
                                .map(peer -> peer.database.clock())
                                .distinct())
                        .hasSize(1));
    }

    private void write(String what) {
        int i = 0;
        for (InRoom peer : peers.keySet()) {
            peer.database.put(what + " " + i++, Map.of("by", i));
        }
    }

    private static Set<String> met(Mesh mesh) {
        return mesh.sessions().stream()
                .map(Session::peer)
                .map(peer -> peer.meshName().orElseThrow())
                .collect(Collectors.toSet());
    }

    @Test
    void eightFindEachOtherAndAreEqualAgainAfterAKillASleepAndARestart() throws Exception {
        for (int i = 0; i < 8; i++) {
            join(SECRET);
        }
        write("first");
        equal(peers.keySet());
        Set<String> names = peers.values().stream().map(Mesh::name).collect(Collectors.toSet());
        assertThat(names).hasSize(8);
        await().atMost(SOON)
                .untilAsserted(() -> peers.forEach((peer, mesh) -> {
                    assertThat(mesh.present()).hasSize(7).doesNotContain(mesh.name());
                    assertThat(met(mesh)).hasSize(7);
                    assertThat(mesh.sessions()).as("one session a pair").hasSize(7);
                }));
        assertThat(rooms.members("r")).as("one socket for each").hasSize(8);

        // Killed: its connection goes without a goodbye, and it doesn't come back.
        InRoom killed = new ArrayList<>(peers.keySet()).get(3);
        String gone = peers.remove(killed).name();
        rooms.cut("r", rooms.sitter("r", gone));
        killed.close();
        write("without it");
        equal(peers.keySet());
        await().atMost(SOON)
                .untilAsserted(() -> peers.values()
                        .forEach(mesh -> assertThat(mesh.present()).doesNotContain(gone)));

        // Asleep: it is in the room, and nothing passes.
        InRoom asleep = new ArrayList<>(peers.keySet()).get(5);
        String sleeper = rooms.sitter("r", peers.get(asleep).name());
        rooms.mischief((frame, members) ->
                frame.from().equals(sleeper) || frame.to().equals(sleeper) ? List.of() : List.of(frame));
        write("while it sleeps");
        Set<InRoom> awake = new java.util.LinkedHashSet<>(peers.keySet());
        awake.remove(asleep);
        equal(awake);
        assertThat(asleep.database.clock())
                .isNotEqualTo(awake.iterator().next().database.clock());
        await().atMost(SOON).until(() -> asleep.sync.sessions().isEmpty());
        rooms.mischief((frame, members) -> List.of(frame));
        equal(peers.keySet());

        rooms.restart();
        write("after the restart");
        equal(peers.keySet());
        await().atMost(SOON)
                .untilAsserted(() -> peers.values()
                        .forEach(mesh -> assertThat(mesh.sessions()).hasSize(6)));
    }

    @Test
    void aMemberWithoutTheSecretIsFoundAndGetsNothing() throws Exception {
        InRoom one = join(SECRET);
        InRoom other = join(SECRET);
        InRoom stranger = join("X".repeat(43));
        one.database.put("ours", Map.of());
        stranger.database.put("theirs", Map.of());
        equal(Set.of(one, other));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(List.of(one, other, stranger))
                        .allSatisfy(
                                peer -> assertThat(peers.get(peer).present()).hasSize(2)));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(peers.keySet().stream()
                                .flatMap(peer -> peer.refused.stream())
                                .map(dev.livesync.api.SyncException::kind))
                        .contains(ErrorKind.AUTHENTICATION));
        assertThat(stranger.database.summary().documents()).isEqualTo(1);
        assertThat(one.database.summary().documents()).isEqualTo(1);
        assertThat(peers.get(stranger).sessions()).isEmpty();
    }

    @Test
    void whoLeavesIsToldOfNoMore() throws Exception {
        join(SECRET);
        InRoom leaving = join(SECRET);
        Mesh stays = peers.values().iterator().next();
        await().atMost(SOON)
                .until(() -> stays.present().size() == 1 && stays.sessions().size() == 1);
        Mesh left = peers.get(leaving);
        left.close();
        get(left.closed());
        await().atMost(SOON)
                .until(() -> stays.present().isEmpty() && stays.sessions().isEmpty());
        assertThat(rooms.members("r")).hasSizeLessThanOrEqualTo(2);
        await().atMost(SOON).until(() -> rooms.members("r").size() == 1);
    }
}
