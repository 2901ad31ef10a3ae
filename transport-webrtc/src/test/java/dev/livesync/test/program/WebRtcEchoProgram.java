package dev.livesync.test.program;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.internal.TestContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;

/** Finds the transport, talks to itself, says so, and closes nothing but the transport. In a package of no module's. */
public final class WebRtcEchoProgram {
    private WebRtcEchoProgram() {}

    public static void main(String[] arguments) throws Exception {
        TransportProvider provider = ServiceLoader.load(TransportProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.id().equals("webrtc"))
                .findFirst()
                .orElseThrow();
        TestContext context = new TestContext(65_536, Duration.ofSeconds(5));
        SignallingTransport transport = (SignallingTransport) provider.open(context);
        CompletableFuture<String> heard = new CompletableFuture<>();
        SignallingTransport.Offer offer =
                transport.offer().toCompletableFuture().get();
        SignallingTransport.Answer answer =
                transport.accept(offer.signal()).toCompletableFuture().get();
        Channel channel = offer.connect(answer.signal()).toCompletableFuture().get();
        hear(answer.channel().toCompletableFuture().get(), heard);
        channel.send(Message.text("hello")).toCompletableFuture().get();
        Module module = provider.getClass().getModule();
        System.out.print((module.isNamed() ? "module " + module.getName() : "unnamed module") + ": " + heard.get()
                + ", no output but this\n");
        System.out.flush();
        transport.close();
    }

    private static void hear(Channel channel, CompletableFuture<String> heard) {
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                heard.complete(new String(message.payload(), StandardCharsets.UTF_8));
            }

            @Override
            public void onClosed(CloseReason reason) {}
        });
        channel.request(1);
    }
}
