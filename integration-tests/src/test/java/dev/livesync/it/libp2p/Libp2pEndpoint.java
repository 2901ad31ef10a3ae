package dev.livesync.it.libp2p;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.TestContext;
import dev.livesync.transport.libp2p.Libp2pConfiguration;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The transport alone, without the core, in a small context. */
final class Libp2pEndpoint implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final TestContext context = new TestContext(1 << 20, Duration.ofSeconds(30), Duration.ofSeconds(10));
    private final DialingTransport transport;

    Libp2pEndpoint(Libp2pConfiguration configuration) {
        transport = (DialingTransport) new Libp2pTransportProvider(configuration).open(context);
    }

    DialingTransport transport() {
        return transport;
    }

    static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** A listener that keeps what comes. */
    static final class Inbox implements ChannelListener {
        final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
        final CompletableFuture<CloseReason> closed = new CompletableFuture<>();

        static Inbox on(Channel channel) {
            Inbox inbox = new Inbox();
            channel.start(inbox);
            channel.request(Long.MAX_VALUE);
            return inbox;
        }

        Message next() throws InterruptedException {
            return messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void onMessage(Message message) {
            messages.add(message);
        }

        @Override
        public void onClosed(CloseReason reason) {
            closed.complete(reason);
        }
    }

    /** Says back what it is told, one message after the other. */
    static void echo(Channel channel) {
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                var unused = channel.send(message).thenRun(() -> channel.request(1));
            }

            @Override
            public void onClosed(CloseReason reason) {
                // the test sees it at the other end
            }
        });
        channel.request(1);
    }

    @Override
    public void close() {
        transport.close();
        context.close();
    }
}
