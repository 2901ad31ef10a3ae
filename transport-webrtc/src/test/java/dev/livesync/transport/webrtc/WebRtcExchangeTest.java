package dev.livesync.transport.webrtc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebRtcExchangeTest {
    private final TestContext context = new TestContext(1 << 20, Duration.ofSeconds(10));
    private final SignallingTransport transport = WebRtcPair.open(context);

    @AfterEach
    void close() {
        transport.close();
        assertThat(context.escaped()).isEmpty();
        context.close();
    }

    @Test
    void whatIsSentArrivesAsItWasBothWays() throws Exception {
        WebRtcPair pair = WebRtcPair.connect(transport);
        Probe atAcceptor = Probe.on(pair.acceptor(), Long.MAX_VALUE);
        Probe atProposer = Probe.on(pair.proposer(), Long.MAX_VALUE);
        assertThat(pair.proposer().maxMessageBytes()).isEqualTo(262_144);
        assertThat(pair.acceptor().maxMessageBytes()).isEqualTo(262_144);
        Random random = new Random(5);
        List<Message> messages = List.of(0, 1, 100, 65_536, 262_143, 262_144).stream()
                .flatMap(size -> {
                    byte[] bytes = new byte[size];
                    random.nextBytes(bytes);
                    return List.of(Message.binary(bytes), Message.text("x".repeat(size))).stream();
                })
                .toList();
        for (Message message : messages) {
            WebRtcPair.get(pair.proposer().send(message));
            WebRtcPair.get(pair.acceptor().send(message));
        }
        for (Probe probe : List.of(atAcceptor, atProposer)) {
            List<Message> arrived = probe.await(messages.size());
            for (int i = 0; i < messages.size(); i++) {
                assertThat(arrived.get(i).kind()).isEqualTo(messages.get(i).kind());
                assertThat(arrived.get(i).payload()).isEqualTo(messages.get(i).payload());
            }
        }
        assertThat(pair.proposer().binding().orElseThrow())
                .hasSize(64)
                .isEqualTo(pair.acceptor().binding().orElseThrow());
        WebRtcPair.get(pair.proposer().close());
        assertThat(atProposer.awaitClose()).isEqualTo(CloseReason.LOCAL);
        assertThat(atAcceptor.awaitClose()).isEqualTo(CloseReason.REMOTE);
        assertThat(atAcceptor.violations()).isEmpty();
    }
}
