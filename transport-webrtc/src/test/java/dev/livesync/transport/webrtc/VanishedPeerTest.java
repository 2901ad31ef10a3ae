package dev.livesync.transport.webrtc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.CloseReason.Initiator;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.SignallingTransport.Offer;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import dev.livesync.test.program.PartnerProgram;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A peer whose process is killed says nothing: ICE misses it. */
class VanishedPeerTest {
    @Test
    void aKilledPeerIsNoticedAndSendsFailUnaskedAndAsked() throws Exception {
        TestContext context = new TestContext(262_144, Duration.ofSeconds(5));
        SignallingTransport transport = WebRtcPair.open(context);
        Process partner = new ProcessBuilder(
                        ChildProcess.command(ChildProcess.onClassPath(PartnerProgram.class, List.of("-Xmx64m"))))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            Offer offer = WebRtcPair.get(transport.offer());
            partner.outputWriter()
                    .append(Base64.getEncoder()
                            .encodeToString(offer.signal().field("sdp").getBytes(StandardCharsets.US_ASCII)))
                    .append("\n")
                    .flush();
            String sdp =
                    new String(Base64.getDecoder().decode(partner.inputReader().readLine()), StandardCharsets.US_ASCII);
            Channel idle = WebRtcPair.get(offer.connect(new Signal(Signal.Kind.ANSWER, Map.of("sdp", sdp))));
            Probe probe = Probe.on(idle, Long.MAX_VALUE);
            probe.await(1);

            long killed = System.nanoTime();
            partner.destroyForcibly();
            CloseReason reason = probe.awaitClose();
            Duration noticed = Duration.ofNanos(System.nanoTime() - killed);

            System.out.println("a killed peer was noticed after " + noticed.toMillis() + " ms");
            assertThat(noticed).isLessThan(Duration.ofSeconds(20));
            assertThat(reason.initiator()).isEqualTo(Initiator.FAILURE);
            assertThat(reason.failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
            assertThat(reason.failure()).hasMessageContaining(idle.remote());
            assertThat(idle.send(Message.text("anybody?")).toCompletableFuture())
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .havingRootCause()
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.DISCONNECTED));
        } finally {
            partner.destroyForcibly();
            transport.close();
            context.close();
        }
    }
}
