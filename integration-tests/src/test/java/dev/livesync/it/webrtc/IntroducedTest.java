package dev.livesync.it.webrtc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.PeerInfo.Authentication;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A plain WebSocket, as a room would be, introduces WebRTC. */
class IntroducedTest {
    private static final int DOCUMENTS = 500;

    /** Handshake, offer, answer and verdicts; an offer has a few thousand bytes. */
    private static final long INTRODUCTION_BYTES = 32_000;

    private final Database here = Database.inMemory();
    private final Database there = Database.inMemory();
    private final RelayedWebSocket hereWire = new RelayedWebSocket(WebSocketConfiguration.defaults());
    private final RelayedWebSocket thereWire = new RelayedWebSocket(WebSocketConfiguration.defaults());
    private final List<String> opened = new CopyOnWriteArrayList<>();
    private final List<Sync> peers = new CopyOnWriteArrayList<>();
    private final SyncListener listener = new SyncListener() {
        @Override
        public void sessionOpened(Session session) {
            opened.add(session.transport());
        }
    };

    @AfterEach
    void close() {
        peers.forEach(Sync::close);
        here.close();
        there.close();
    }

    @Test
    void whatIsExchangedGoesOverWebRtcAndTheWebSocketHasOnlyIntroduced() throws Exception {
        fill();
        Session session = dial(new WebRtcTransportProvider(), SyncLimits.defaults());
        get(session.awaitEqual());

        assertThat(opened).containsExactly("webrtc", "webrtc");
        assertThat(session.peer().authentication()).isEqualTo(Authentication.SEALED);
        assertThat(session.peer().remote()).contains("127.0.0.1");
        long introduced = hereWire.sent() + thereWire.sent();
        assertThat(introduced).isLessThan(INTRODUCTION_BYTES);
        assertThat(session.statistics().bytesSent()).isGreaterThan(INTRODUCTION_BYTES);
        assertThat(session.statistics().bytesReceived()).isGreaterThan(INTRODUCTION_BYTES);
        System.out.println("introduced over WebSocket with " + introduced + " bytes; over WebRTC then "
                + session.statistics().bytesSent() + " and "
                + session.statistics().bytesReceived());

        here.put("live", "{\"from\":\"here\"}");
        there.put("alive", "{\"from\":\"there\"}");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> there.get("live").isPresent() && here.get("alive").isPresent());
        assertThat(hereWire.sent() + thereWire.sent()).isEqualTo(introduced);

        here.put("last", "{}");
        peers.get(0).close();
        assertThat(there.get("last")).isPresent();
        get(session.closed());
    }

    @Test
    void withoutAPathTheWebSocketCarriesTheSession() throws Exception {
        fill();
        SyncLimits hasty = SyncLimits.defaults().toBuilder()
                .connectTime(Duration.ofSeconds(12))
                .build();
        Session session = dial(new Unreachable(), hasty);
        get(session.awaitEqual());
        assertThat(opened).containsExactly("websocket", "websocket");
        here.put("live", "{\"from\":\"here\"}");
        await().atMost(Duration.ofMinutes(1)).until(() -> there.get("live").isPresent());
        assertThat(hereWire.sent()).isGreaterThan(session.statistics().bytesReceived());
    }

    private void fill() {
        for (int i = 0; i < DOCUMENTS; i++) {
            here.put("h" + i, "{\"text\":\"" + Integer.toString(i * 7919, 36).repeat(40) + "\"}");
            there.put("t" + i, "{\"text\":\"" + Integer.toString(i * 7907, 36).repeat(40) + "\"}");
        }
    }

    private Session dial(TransportProvider direct, SyncLimits limits) throws Exception {
        Endpoint door = get(peer(here, hereWire, direct, limits).listen("ws://127.0.0.1:0/"));
        return get(peer(there, thereWire, direct, limits).dial(door.address()));
    }

    private Sync peer(Database database, RelayedWebSocket wire, TransportProvider direct, SyncLimits limits) {
        Sync sync = Sync.builder(database)
                .transport(wire)
                .transport(direct)
                .listener(listener)
                .limits(limits)
                .build();
        peers.add(sync);
        return sync;
    }

    private static <T> T get(CompletableFuture<T> stage) throws Exception {
        return stage.get(2, TimeUnit.MINUTES);
    }

    /** WebRTC whose peers are told addresses at which nobody is (RFC 5737). */
    private static final class Unreachable implements TransportProvider {
        private final TransportProvider real = new WebRtcTransportProvider();

        @Override
        public String id() {
            return real.id();
        }

        @Override
        public Set<String> schemes() {
            return real.schemes();
        }

        @Override
        public Set<TransportFeature> features() {
            return real.features();
        }

        @Override
        public SignallingTransport open(TransportContext context) {
            SignallingTransport transport = (SignallingTransport) real.open(context);
            return new SignallingTransport() {
                @Override
                public CompletionStage<Offer> offer() {
                    return transport.offer().thenApply(Unreachable::toNobody);
                }

                @Override
                public CompletionStage<Answer> accept(Signal offer) {
                    return transport.accept(elsewhere(offer));
                }

                @Override
                public void close() {
                    transport.close();
                }
            };
        }

        private static SignallingTransport.Offer toNobody(SignallingTransport.Offer offer) {
            return new SignallingTransport.Offer() {
                @Override
                public Signal signal() {
                    return offer.signal();
                }

                @Override
                public CompletionStage<Channel> connect(Signal answer) {
                    return offer.connect(elsewhere(answer));
                }

                @Override
                public void close() {
                    offer.close();
                }
            };
        }

        private static Signal elsewhere(Signal signal) {
            Map<String, String> fields = new HashMap<>(signal.fields());
            fields.computeIfPresent(
                    "sdp",
                    (name, sdp) -> sdp.replaceAll("(a=candidate:\\S+ \\d+ \\S+ \\d+) \\S+ (\\d+)", "$1 192.0.2.1 $2"));
            return new Signal(signal.kind(), fields);
        }
    }
}
