package dev.livesync.it.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.PeerInfo;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.it.alpha.NodeProcess;
import dev.livesync.transport.partykit.LocalRooms;
import dev.livesync.transport.partykit.PartyKitTransportProvider;
import java.time.Duration;
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

    /** An alpha sends what the other lacks in one message, and a channel takes only so much. */
    @Test
    void moreThanAChannelTakesIsSaid() throws Exception {
        ShimAlpha alpha = new ShimAlpha(node);
        alpha.put("large", "x".repeat(300_000));
        try (Database here = Database.inMemory();
                Sync sync = sync(here)) {
            alpha.dial(
                    get(sync.listen(room(Host.JAVA, "large") + "/hub", SECRET)).address());
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(alpha.heard()).hasSize(2));
            assertThat(alpha.heard().get(0)).startsWith("error LIMIT_EXCEEDED");
        }
    }
}
