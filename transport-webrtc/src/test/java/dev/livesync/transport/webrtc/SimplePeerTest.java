package dev.livesync.transport.webrtc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.SignallingTransport.Answer;
import dev.livesync.api.transport.SignallingTransport.Offer;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against what the alpha uses: simple-peer 9.11.1 on @roamhq/wrtc, in a Node process. */
class SimplePeerTest {
    private final TestContext context = new TestContext(1 << 20, Duration.ofSeconds(10));
    private final SignallingTransport transport = WebRtcPair.open(context);

    @AfterEach
    void close() {
        transport.close();
        assertThat(context.escaped()).isEmpty();
        context.close();
    }

    private Channel offering(NodePeer node) throws Exception {
        Offer offer = WebRtcPair.get(transport.offer());
        node.say(offer.signal());
        return WebRtcPair.get(offer.connect(node.hearSignal(Signal.Kind.ANSWER)));
    }

    private Channel accepting(NodePeer node) throws Exception {
        Signal offer = node.hearSignal(Signal.Kind.OFFER);
        assertThat(new WebRtcTransportProvider().recognizes(offer)).isTrue();
        Answer answer = WebRtcPair.get(transport.accept(offer));
        node.say(answer.signal());
        return WebRtcPair.get(answer.channel());
    }

    /** Messages of both kinds and many sizes come back as they went, and arrived as what they are. */
    private static void echo(Channel channel, NodePeer node) throws Exception {
        Probe probe = Probe.on(channel, Long.MAX_VALUE);
        assertThat(node.hear()).isEqualTo("{\"open\":true}");
        assertThat(channel.maxMessageBytes()).isEqualTo(262_144);
        Random random = new Random(11);
        List<Message> sent = new ArrayList<>();
        for (int size : new int[] {0, 1, 1_000, 65_536, 262_144}) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            sent.add(Message.binary(bytes));
            sent.add(Message.text("{" + "\u00e9".repeat(size / 2)));
        }
        sent.removeIf(message -> message.size() > channel.maxMessageBytes());
        for (Message message : sent) {
            WebRtcPair.get(channel.send(message));
            String kind = message.kind() == Message.Kind.TEXT ? "text" : "binary";
            assertThat(node.hear())
                    .isEqualTo("{\"got\":\"" + kind + "\",\"bytes\":" + message.size() + ",\"sha256\":\""
                            + HexFormat.of()
                                    .formatHex(
                                            MessageDigest.getInstance("SHA-256").digest(message.payload()))
                            + "\"}");
        }
        List<Message> back = probe.await(sent.size());
        for (int i = 0; i < sent.size(); i++) {
            assertThat(back.get(i).kind()).isEqualTo(sent.get(i).kind());
            assertThat(back.get(i).payload()).isEqualTo(sent.get(i).payload());
        }
    }

    @Test
    void ourOfferItsAnswerAndWeLeave() throws Exception {
        try (NodePeer node = NodePeer.start("echo.mjs", "answer")) {
            Channel channel = offering(node);
            echo(channel, node);
            WebRtcPair.get(channel.close());
            assertThat(node.hear()).isEqualTo("{\"closed\":true}");
        }
    }

    @Test
    void itsOfferOurAnswerAndItLeaves() throws Exception {
        try (NodePeer node = NodePeer.start("echo.mjs", "offer")) {
            Channel channel = accepting(node);
            echo(channel, node);
        }
    }

    @Test
    void whatItClosesIsClosedByThePeer() throws Exception {
        try (NodePeer node = NodePeer.start("echo.mjs", "offer")) {
            Channel channel = accepting(node);
            Probe probe = Probe.on(channel, 10);
            node.say("close");
            assertThat(probe.awaitClose()).isEqualTo(CloseReason.REMOTE);
            assertThat(probe.messages())
                    .extracting(m -> new String(m.payload(), StandardCharsets.UTF_8))
                    .isEmpty();
        }
    }

    @Test
    void whatWeAbortIsClosedForIt() throws Exception {
        try (NodePeer node = NodePeer.start("echo.mjs", "answer")) {
            Channel channel = offering(node);
            assertThat(node.hear()).isEqualTo("{\"open\":true}");
            channel.abort(WebRtcFailures.closed());
            assertThat(node.hear()).isEqualTo("{\"closed\":true}");
        }
    }
}
