package dev.livesync.test.program;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.tck.internal.TestContext;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;

/** Accepts the offer on its standard input, prints the answer, and then reads what comes until it is killed. */
public final class PartnerProgram {
    private PartnerProgram() {}

    public static void main(String[] arguments) throws Exception {
        TestContext context = new TestContext(262_144, Duration.ofSeconds(5));
        SignallingTransport transport = (SignallingTransport) new WebRtcTransportProvider().open(context);
        String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)).readLine();
        Signal offer = new Signal(
                Signal.Kind.OFFER,
                Map.of("sdp", new String(Base64.getDecoder().decode(line), StandardCharsets.US_ASCII)));
        SignallingTransport.Answer answer =
                transport.accept(offer).toCompletableFuture().get();
        System.out.println(Base64.getEncoder()
                .encodeToString(answer.signal().fields().get("sdp").getBytes(StandardCharsets.US_ASCII)));
        Channel channel = answer.channel().toCompletableFuture().get();
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {}

            @Override
            public void onClosed(CloseReason reason) {
                System.exit(3);
            }
        });
        channel.request(Long.MAX_VALUE);
        channel.send(Message.text("here")).toCompletableFuture().get();
        Thread.currentThread().join();
    }
}
