package dev.livesync.it.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.it.TcpRelay;
import dev.livesync.it.alpha.NodeProcess;
import dev.livesync.it.room.ServedRoom.Runtime;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Unmodified alphas with the shim in the place of simple-peer: with each other in a room, and with LiveSync at a listener over WebSocket. */
class ShimTest {
    private static final String SECRET = "an-open-secret-of-the-tests-only";
    private static final String OTHER_SECRET = "another-secret-of-the-tests-only";
    private static final String APP = "socket://com.example.livesync";
    private static final AtomicInteger ROOMS = new AtomicInteger();

    private static ServedRoom server;
    private static NodeProcess node;

    @BeforeAll
    static void serve() throws Exception {
        server = ServedRoom.start(Runtime.WORKERD);
        node = NodeProcess.inRooms("0.8.0");
    }

    @AfterAll
    static void stop() throws Exception {
        if (node != null) {
            node.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static String room() {
        return "partykit+" + server.room("room-" + ROOMS.incrementAndGet());
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    // ---- two alphas in a room

    @Test
    void twoAlphasInARoom() {
        ShimAlpha one = new ShimAlpha(node);
        ShimAlpha two = new ShimAlpha(node);
        for (int i = 0; i < 30; i++) {
            one.put("a%02d".formatted(i), i);
        }
        two.put("b", "ü€😀");
        String room = room();
        one.meet(two, room);
        one.awaitEqual(two);
        assertThat(two.all()).hasSize(31);

        one.put("live", 1);
        two.put("live too", 2);
        one.awaitEqual(two);
        assertThat(one.all()).hasSize(33);

        one.leave();
        await().untilAsserted(() -> assertThat(two.heard()).containsExactly("close"));
        two.put("z apart", 3);
        two.meet(one, room);
        one.awaitEqual(two);
        assertThat(one.all()).containsKey("z apart");
    }

    /** More than the credit, and so in pieces that are granted while the message comes. */
    @Test
    void aLargeDocumentInARoom() {
        ShimAlpha one = new ShimAlpha(node);
        ShimAlpha two = new ShimAlpha(node);
        one.put("large", "x".repeat(5_000_000));
        one.meet(two, room());
        one.awaitEqual(two);
    }

    @Test
    void whoHasNotTheSecretIsTurnedAwayAndHonestPeersMeetAllTheSame() throws Exception {
        ShimAlpha one = new ShimAlpha(node);
        ShimAlpha two = new ShimAlpha(node);
        ShimAlpha hostile = new ShimAlpha(node);
        one.put("private", 1);
        String room = room();
        String offer = one.offer(room);
        JsonNode signal = NodeProcess.JSON.readTree(Base64.getDecoder().decode(offer));
        String place = signal.get("address").asText().replaceFirst("#.*", "#");
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> hostile.dial(place + OTHER_SECRET)).hasMessageContaining("AUTHENTICATION");
        }
        assertThat(hostile.all()).isEmpty();
        two.accept(room, offer);
        one.awaitEqual(two);
        assertThat(one.heard()).hasSize(20).allMatch(said -> said.startsWith("refused AUTHENTICATION"));
    }

    @Test
    void clearErrorsInARoom() throws Exception {
        ShimAlpha alpha = new ShimAlpha(node);
        String room = room();
        assertThatThrownBy(() -> alpha.dial(room + "/nobody#" + SECRET)).hasMessageContaining("UNREACHABLE");
        assertThatThrownBy(() -> alpha.dial(room + "/nobody#short")).hasMessageContaining("INVALID_ARGUMENT");
        assertThatThrownBy(() -> alpha.dial("partykit+ws://127.0.0.1:1/parties/livesync/r/s#" + SECRET))
                .hasMessageContaining("UNREACHABLE");
        new ShimAlpha(node).offer(room + "/seat#" + SECRET);
        assertThatThrownBy(() -> alpha.offer(room + "/seat#" + SECRET)).hasMessageContaining("IN_USE");
        try (ServedRoom guarded = ServedRoom.start(Runtime.WORKERD, "token")) {
            String place = "partykit+" + guarded.room("r") + "/s#" + SECRET;
            assertThatThrownBy(() -> alpha.dial(place)).hasMessageContaining("no way");
            assertThatThrownBy(() -> alpha.dialWithToken("token", place)).hasMessageContaining("nobody is at s");
        }
    }

    @Test
    void aRoomThatGoesIsAnErrorAtBothEnds() throws Exception {
        try (ServedRoom other = ServedRoom.start(Runtime.WORKERD)) {
            ShimAlpha one = new ShimAlpha(node);
            ShimAlpha two = new ShimAlpha(node);
            one.put("a", 1);
            String room = "partykit+" + other.room("r");
            one.meet(two, room);
            one.awaitEqual(two);
            other.restart();
            for (ShimAlpha alpha : Set.of(one, two)) {
                await().untilAsserted(() -> assertThat(alpha.heard()).hasSize(2));
                assertThat(alpha.heard().get(0)).startsWith("error DISCONNECTED");
            }
            one.put("b", 2);
            one.meet(two, room);
            one.awaitEqual(two);
        }
    }

    /** Malformed frames of a member end its channels, and no more. */
    @Test
    void whatAHostileMemberSendsHarmsNobody() throws Exception {
        ShimAlpha one = new ShimAlpha(node);
        ShimAlpha two = new ShimAlpha(node);
        one.put("a", 1);
        String room = room();
        String offer = one.offer(room + "/seat");
        PlainMember member = PlainMember.open(URI.create(room.substring("partykit+".length())));
        String id = member.told().get("peers").fieldNames().next();
        for (int type = 0; type < 256; type++) {
            for (int size : new int[] {0, 1, 4, 15}) {
                byte[] body = new byte[5 + size];
                body[0] = (byte) type;
                body[5 + size - 1] |= (byte) type;
                member.send(PlainMember.frame(id, body));
            }
        }
        // RESETs, and whatever was too short for one, get no answer.
        assertThat(member.frame()[1 + id.length()] & 0xf).isEqualTo(5);
        two.accept(room, offer);
        one.awaitEqual(two);
    }

    // ---- an alpha and LiveSync

    private static Sync sync(Database database, WebSocketConfiguration configuration) {
        return Sync.builder(database)
                .transport(new WebSocketTransportProvider(configuration))
                .build();
    }

    /** Keeps what passes. */
    private static final class Recorder extends TcpRelay {
        private final ByteArrayOutputStream passed = new ByteArrayOutputStream();

        Recorder(int port) throws IOException {
            super("127.0.0.1", port);
            begin();
        }

        @Override
        protected void pump(Socket from, Socket to, boolean fromDialler) throws IOException {
            byte[] buffer = new byte[8_192];
            for (int n = from.getInputStream().read(buffer);
                    n >= 0;
                    n = from.getInputStream().read(buffer)) {
                synchronized (passed) {
                    passed.write(buffer, 0, n);
                }
                to.getOutputStream().write(buffer, 0, n);
            }
        }

        int port() {
            return localPort();
        }

        String seen() {
            synchronized (passed) {
                return passed.toString(StandardCharsets.ISO_8859_1);
            }
        }
    }

    /** Frames of a client are masked; those of the listener are in the clear, were they not sealed. */
    @Test
    void anAlphaAndOurListenerProvedAndSealed() throws Exception {
        try (Database here = Database.inMemory();
                Sync sync = sync(here, WebSocketConfiguration.builder().build())) {
            here.put("ours", Map.of("v", "a recognizable text"));
            here.put("large", Map.of("v", "y".repeat(200_000)));
            ShimAlpha alpha = new ShimAlpha(node);
            alpha.put("theirs", 1);
            Endpoint endpoint = get(sync.listen("ws://127.0.0.1:0/", SECRET));
            try (Recorder recorder =
                    new Recorder(URI.create(endpoint.publicAddress()).getPort())) {
                String address = "ws://127.0.0.1:" + recorder.port() + "/#";
                assertThatThrownBy(() -> alpha.dial(address + OTHER_SECRET)).hasMessageContaining("AUTHENTICATION");
                alpha.dial(address + SECRET);
                alpha.awaitEqual(here);
                here.put("z live", Map.of("v", 2));
                alpha.put("z live too", 3);
                await().atMost(Duration.ofMinutes(1))
                        .untilAsserted(() -> assertThat(here.get("z live too")).isPresent());
                alpha.awaitEqual(here);
                assertThat(recorder.seen()).contains("101 ").doesNotContain("recognizable", "bafyrei");
                Session session = sync.sessions().get(0);
                alpha.leave();
                get(session.closed());
                assertThat(alpha.heard()).containsExactly("close");
            }
        }
    }

    /** As the Socket runtime's web view says where its page is from. */
    @Test
    void anAlphaInASocketAppIsLetInByItsOrigin() throws Exception {
        try (Database here = Database.inMemory();
                Sync sync = sync(
                        here,
                        WebSocketConfiguration.builder()
                                .allowedOrigins(Set.of(APP))
                                .build())) {
            here.put("ours", Map.of("v", 1));
            Endpoint endpoint = get(sync.listen("ws://127.0.0.1:0/", SECRET));
            String address = endpoint.publicAddress() + "#" + SECRET;
            ShimAlpha alpha = new ShimAlpha(node);
            alpha.put("theirs", 2);
            assertThatThrownBy(() -> alpha.dialFrom("socket://com.example.other", address))
                    .hasMessageContaining("UNREACHABLE");
            assertThatThrownBy(() -> alpha.dialFrom("https://example.org", address))
                    .hasMessageContaining("UNREACHABLE");
            assertThat(here.get("theirs")).isEmpty();
            alpha.dialFrom(APP, address);
            alpha.awaitEqual(here);
            here.put("z live", Map.of("v", 3));
            alpha.awaitEqual(here);
        }
    }
}
