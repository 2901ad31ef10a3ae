package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.internal.TestContext;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Two transports and the ends of one channel between them. Whatever takes a minute is taken to take for ever. */
final class Ends implements AutoCloseable {
    private final TestContext context = new TestContext(1 << 20, Duration.ofMinutes(1), Duration.ofMinutes(1));
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    final DialingTransport dialler;
    final DialingTransport listener;
    final Listening at;

    Ends(TransportProvider dials, TransportProvider listens, String address) throws Exception {
        dialler = (DialingTransport) dials.open(context);
        listener = (DialingTransport) listens.open(context);
        at = get(listener.listen(address, accepted::add));
    }

    Channel dial() throws Exception {
        return get(dialler.dial(at.address()));
    }

    Channel accepted() throws Exception {
        Channel channel = accepted.poll(30, TimeUnit.SECONDS);
        if (channel == null) {
            throw new AssertionError("nobody came");
        }
        return channel;
    }

    boolean nobodyCame() {
        return accepted.isEmpty();
    }

    static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /** Starts a channel that requests nothing; answers how it ends. */
    static CompletableFuture<CloseReason> start(Channel channel) {
        CompletableFuture<CloseReason> end = new CompletableFuture<>();
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                throw new AssertionError("nothing was requested");
            }

            @Override
            public void onClosed(CloseReason reason) {
                end.complete(reason);
            }
        });
        return end;
    }

    /** Sends until it has to wait; answers the send that does. On a slow machine it may be less than full, and the test easier. */
    static CompletableFuture<Void> fill(Channel channel) throws Exception {
        Message message = Message.binary(new byte[256 * 1024]);
        for (int i = 0; i < 1_000; i++) {
            CompletableFuture<Void> sent = channel.send(message).toCompletableFuture();
            if (waits(sent)) {
                return sent;
            }
        }
        throw new AssertionError("256 MB went nowhere");
    }

    private static boolean waits(CompletableFuture<Void> sent) throws Exception {
        try {
            sent.get(500, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        }
    }

    @Override
    public void close() {
        dialler.close();
        listener.close();
        context.close();
    }
}
