package dev.livesync.test.program;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.internal.TestContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;

/** Finds the transport, talks to itself, says so, and returns without closing anything. In a package of no module's. */
public final class EchoProgram {
    private EchoProgram() {}

    public static void main(String[] arguments) throws Exception {
        TransportProvider provider = ServiceLoader.load(TransportProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.id().equals("websocket"))
                .findFirst()
                .orElseThrow();
        TestContext context = new TestContext(65_536, Duration.ofSeconds(5));
        DialingTransport transport = (DialingTransport) provider.open(context);
        CompletableFuture<String> heard = new CompletableFuture<>();
        Listening listening = transport
                .listen(provider.localAddress(), channel -> hear(channel, heard))
                .toCompletableFuture()
                .get();
        Channel channel =
                transport.dial(listening.address()).toCompletableFuture().get();
        channel.send(Message.text("hello")).toCompletableFuture().get();
        Module module = provider.getClass().getModule();
        System.out.print((module.isNamed() ? "module " + module.getName() : "unnamed module") + ": " + heard.get()
                + " over " + listening.address().replaceAll(":[0-9]+/$", "") + ", no output but this\n");
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
