package dev.livesync.bench.channel;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Sends to a {@link Sink} as fast as the channel takes it: the next message once the one before is accepted. */
public final class Source implements ChannelListener {
    private final Channel channel;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private Source(Channel channel) {
        this.channel = channel;
    }

    /**
     * Sends, and waits for the answer.
     *
     * @param channel open, not started; closed afterwards
     * @param bytes how much in all, at least
     * @param size the size of a message
     * @return the time from the first send to the answer, in nanoseconds
     */
    public static long run(Channel channel, long bytes, int size) {
        Source source = new Source(channel);
        channel.start(source);
        channel.request(1);
        long begun = System.nanoTime();
        Message message = Message.binary(new byte[size]);
        for (long sent = 0; sent < bytes; sent += size) {
            CompletionStage<Void> accepted = channel.send(message);
            accepted.toCompletableFuture().join();
        }
        source.done.join();
        long nanos = System.nanoTime() - begun;
        channel.close().toCompletableFuture().join();
        return nanos;
    }

    @Override
    public void onMessage(Message message) {
        done.complete(null);
    }

    @Override
    public void onClosed(CloseReason reason) {
        done.completeExceptionally(new IllegalStateException(channel.remote() + " closed: " + reason));
    }
}
