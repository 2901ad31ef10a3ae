package dev.livesync.it.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.Endpoint;
import dev.livesync.PeerInfo;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.it.alpha.NodeProcess;
import dev.livesync.mesh.Mesh;
import dev.livesync.mesh.MeshOptions;
import dev.livesync.transport.partykit.LocalRooms;
import dev.livesync.transport.partykit.PartyKitTransportProvider;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Unmodified alphas with the shim and LiveSync in one room: of workerd's, and of the Java one that the transport is tested with. */
class RoomPeersTest {
    private static final String SECRET = "an-open-secret-of-the-tests-only";
    private static final String OTHER_SECRET = "another-secret-of-the-tests-only";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Whose room it is. */
    enum Host {
        WORKERD,
        JAVA
    }

    private static ServedRoom workerd;
    private static LocalRooms java;
    private static NodeProcess node;

    @BeforeAll
    static void serve() throws Exception {
        workerd = ServedRoom.start(ServedRoom.Runtime.WORKERD);
        java = new LocalRooms();
        node = NodeProcess.inRooms("0.8.0");
    }

    @AfterAll
    static void stop() throws Exception {
        if (node != null) {
            node.close();
        }
        if (java != null) {
            java.close();
        }
        if (workerd != null) {
            workerd.close();
        }
    }

    /** A room, without a seat. */
    private static String room(Host host, String name) {
        return host == Host.WORKERD
                ? "partykit+" + workerd.room(name)
                : java.room(name).replaceFirst("/$", "");
    }

    private static Sync sync(Database database) {
        return Sync.builder(database).transport(new PartyKitTransportProvider()).build();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(Host.class)
    void twoAlphasAndJavaEachWayAndLive(Host host) throws Exception {
        String room = room(host, "three");
        ShimAlpha dialling = new ShimAlpha(node);
        ShimAlpha dialled = new ShimAlpha(node);
        try (Database here = Database.inMemory();
                Sync sync = sync(here)) {
            here.put("ours", Map.of("v", "y".repeat(200_000)));
            for (int i = 0; i < 30; i++) {
                dialling.put("a%02d".formatted(i), "x".repeat(1_000));
            }
            dialled.put("b", 2);

            Endpoint endpoint = get(sync.listen(room + "/hub", SECRET));
            dialling.dial(endpoint.address());
            dialling.awaitEqual(here);
            dialled.offer(room + "/alpha#" + SECRET);
            Session session = get(sync.dial(room + "/alpha", SECRET));
            assertThat(session.peer().authentication()).isEqualTo(PeerInfo.Authentication.SEALED);
            dialled.awaitEqual(here);
            dialling.awaitEqual(here);
            assertThat(ShimAlpha.documents(here)).hasSize(32);

            here.put("x live", Map.of("v", 1));
            dialling.put("y live", 2);
            dialled.put("z live", 3);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(ShimAlpha.documents(here)).hasSize(35));
            dialling.awaitEqual(here);
            dialled.awaitEqual(here);

            session.close();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(dialled.heard()).containsExactly("close"));
            assertThat(dialling.heard()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Host.class)
    void twoAlphasInARoom(Host host) {
        ShimAlpha one = new ShimAlpha(node);
        ShimAlpha two = new ShimAlpha(node);
        one.put("a", "x".repeat(3_000_000));
        two.put("b", 2);
        one.meet(two, room(host, "two"));
        one.awaitEqual(two);
        one.put("live", 3);
        one.awaitEqual(two);
    }

    /** A member with the address but for the secret. */
    @ParameterizedTest
    @EnumSource(Host.class)
    void whoHasNotTheSecretReadsNothingAndStoresNothing(Host host) throws Exception {
        ShimAlpha hostile = new ShimAlpha(node);
        ShimAlpha honest = new ShimAlpha(node);
        hostile.put("evil", 1);
        try (Database here = Database.inMemory();
                Sync sync = sync(here)) {
            here.put("private", Map.of("v", 1));
            Endpoint endpoint = get(sync.listen(room(host, "hostile") + "/hub", SECRET));
            String place = endpoint.publicAddress() + "#";
            assertThatThrownBy(() -> hostile.dial(place + OTHER_SECRET)).hasMessageContaining("AUTHENTICATION");
            honest.dial(place + SECRET);
            honest.awaitEqual(here);
            assertThat(hostile.all()).containsOnlyKeys("evil");
            assertThat(here.get("evil")).isEmpty();

            hostile.offer(room(host, "hostile") + "/trap#" + OTHER_SECRET);
            assertThatThrownBy(() -> get(sync.dial(room(host, "hostile") + "/trap", SECRET)))
                    .cause()
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.AUTHENTICATION));
        }
    }

    @Test
    void everybodyComesBackWhenTheRoomDoes() throws Exception {
        String room = room(Host.JAVA, "restarted");
        ShimAlpha alpha = new ShimAlpha(node);
        try (Database here = Database.inMemory();
                Sync sync = sync(here)) {
            Endpoint endpoint = get(sync.listen(room + "/hub", SECRET));
            alpha.dial(endpoint.address());
            alpha.put("a", 1);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(here.get("a")).isPresent());
            java.restart();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(alpha.heard()).hasSize(2));
            assertThat(alpha.heard().get(0)).startsWith("error DISCONNECTED");
            here.put("b", Map.of("v", 2));
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                alpha.dial(endpoint.address());
                return true;
            });
            alpha.awaitEqual(here);
        }
    }

    @Test
    void aKeptAlphaComesBackByItselfAndLeavesNothingBehind() throws Exception {
        String room = room(Host.JAVA, "kept");
        ShimAlpha alpha = new ShimAlpha(node);
        try (Database here = Database.inMemory();
                Sync sync = sync(here)) {
            here.put("a", Map.of("v", 1));
            Endpoint endpoint = get(sync.listen(room + "/hub", SECRET));
            alpha.keep(endpoint.address());
            alpha.awaitEqual(here);
            java.restart();
            here.put("b", Map.of("v", 2));
            alpha.put("c", 3);
            await().atMost(PATIENCE).until(() -> here.get("c").isPresent());
            alpha.awaitEqual(here);
            assertThat(alpha.heard())
                    .startsWith("connecting", "connected")
                    .endsWith("connecting", "connected")
                    .anyMatch(said -> said.startsWith("waiting DISCONNECTED"));

            // Asleep: nothing passes any more, and nobody says so.
            List<String> members = java.members("kept");
            java.mischief((frame, all) ->
                    members.contains(frame.from()) && members.contains(frame.to()) ? List.of() : List.of(frame));
            here.put("d", Map.of("v", 4));
            node.ask(command("event").put("event", "online"));
            alpha.awaitEqual(here);
            java.mischief((frame, all) -> List.of(frame));

            alpha.keepNoMore();
            assertThat(alpha.heard()).endsWith("stopped");
            await().atMost(PATIENCE).until(() -> java.members("kept").size() == 1);
            await().atMost(PATIENCE).until(() -> node.ask(command("timers")).asInt() == 0);
        }
    }

    /** Whoever is dialled says nothing; the dial ends when its peer is destroyed, and with it all that it held. */
    @Test
    void whoLeavesBeforeThereIsASessionIsTold() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            for (String place :
                    List.of("ws://127.0.0.1:%d/#%s", "partykit+ws://127.0.0.1:%d/parties/livesync/r/s#%s")) {
                String address = place.formatted(silent.getLocalPort(), SECRET);
                assertThat(new ShimAlpha(node).dialAndLeave(address, 20)).startsWith("CANCELLED");
                try (Socket accepted = silent.accept()) {
                    accepted.setSoTimeout((int) PATIENCE.toMillis());
                    accepted.getInputStream().readAllBytes(); // to its end
                }
            }
        }
        await().atMost(PATIENCE).until(() -> node.ask(command("timers")).asInt() == 0);
    }

    @Test
    void aSecretThatIsWrongIsNotTriedAgain() throws Exception {
        ShimAlpha alpha = new ShimAlpha(node);
        try (Database here = Database.inMemory();
                Sync sync = sync(here)) {
            Endpoint endpoint = get(sync.listen(room(Host.JAVA, "hopeless") + "/hub", SECRET));
            alpha.keep(endpoint.publicAddress() + "#" + OTHER_SECRET);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(alpha.heard())
                            .hasSize(2)
                            .last()
                            .asString()
                            .startsWith("stopped AUTHENTICATION"));
        }
    }

    /** An alpha that listens nowhere, and one that has a seat of its own there and a name for it: each has one session with the mesh's peer. */
    @Test
    void oneSessionAPairWithAMesh() throws Exception {
        String room = room(Host.JAVA, "mesh");
        ShimAlpha visitor = new ShimAlpha(node);
        ShimAlpha sitter = new ShimAlpha(node);
        PartyKitTransportProvider rooms = new PartyKitTransportProvider();
        visitor.put("a", 1);
        sitter.put("b", 2);
        try (Database here = Database.inMemory();
                Sync sync = Sync.builder(here).transport(rooms).build()) {
            // The mesh's name is the smaller one, so it is its turn to dial.
            Mesh mesh = get(sync.mesh(
                    rooms.discovery(), MeshOptions.at(room + "/a-mesh").withSecret(SECRET)));
            visitor.dial(room + "#" + SECRET);
            sitter.dialAs("sitter", room + "#" + SECRET);
            visitor.awaitEqual(here);
            sitter.awaitEqual(here);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(mesh.sessions())
                            .singleElement()
                            .satisfies(session ->
                                    assertThat(session.peer().meshName()).contains("sitter")));
            new ShimAlpha(node).offer(room + "/sitter#" + SECRET);
            await().atMost(PATIENCE).until(() -> mesh.present().contains("sitter"));
            assertThat(mesh.keptPeers()).as("dialled by the mesh").isEmpty();
            assertThat(sync.sessions()).hasSize(2);

            // Whom nobody has dialled yet is dialled, and says the name of its seat.
            new ShimAlpha(node).offer(room + "/seat#" + SECRET);
            await().atMost(PATIENCE).until(() -> mesh.sessions().size() == 2);
            assertThat(mesh.sessions().stream()
                            .map(each -> each.peer().meshName().orElse("")))
                    .containsExactly("seat", "sitter");
            assertThat(sync.sessions()).hasSize(3);
        }
    }

    @Test
    void whoeverIsInARoomIsFoundWithoutItsSeat() throws Exception {
        String room = room(Host.JAVA, "anybody");
        ShimAlpha alpha = new ShimAlpha(node);
        assertThatThrownBy(() -> alpha.dial(room + "#" + SECRET)).hasMessageContaining("UNREACHABLE");
        try (Database here = Database.inMemory();
                Sync sync = sync(here)) {
            here.put("a", Map.of("v", 1));
            get(sync.listen(room + "/another", OTHER_SECRET));
            get(sync.listen(room + "/", SECRET));
            alpha.dial(room + "#" + SECRET);
            alpha.awaitEqual(here);
        }
    }

    private static ObjectNode command(String what) {
        return NodeProcess.JSON.createObjectNode().put("do", what);
    }

    /** An alpha sends what the other lacks in one message, which the shim cuts; and so does Java with a document that no message carries. */
    @Test
    void anAlphaBeginsWithMoreThanAChannelTakes() throws Exception {
        ShimAlpha alpha = new ShimAlpha(node);
        for (int i = 0; i < 20; i++) {
            alpha.put("a%02d".formatted(i), "x".repeat(100_000));
        }
        alpha.put("large", "y".repeat(2_000_000));
        try (Database here = Database.inMemory();
                Sync sync = sync(here)) {
            alpha.dial(get(sync.listen(room(Host.WORKERD, "large") + "/hub", SECRET))
                    .address());
            alpha.awaitEqual(here);
            here.put("x live", Map.of("v", "z".repeat(1_000_000)));
            alpha.awaitEqual(here);
            assertThat(alpha.heard()).isEmpty();
        }
    }
}
