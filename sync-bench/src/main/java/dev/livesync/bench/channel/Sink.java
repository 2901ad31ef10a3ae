package dev.livesync.bench.channel;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;

/** Counts what arrives; says so with an empty message once it is enough, and counts on from there. */
public final class Sink implements ChannelListener {
    private final Channel channel;
    private final Outbox outbox;
    private final long bytes;
    private long got;

    private Sink(Channel channel, long bytes) {
        this.channel = channel;
        this.outbox = new Outbox(channel);
        this.bytes = bytes;
    }

    /**
     * Takes over a channel.
     *
     * @param channel open, not started
     * @param bytes how much is enough
     */
    public static void serve(Channel channel, long bytes) {
        channel.start(new Sink(channel, bytes));
        channel.request(Long.MAX_VALUE);
    }

    @Override
    public void onMessage(Message message) {
        got += message.size();
        if (got >= bytes) {
            got -= bytes;
            outbox.send(Message.binary(new byte[0]));
        }
    }

    @Override
    public void onClosed(CloseReason reason) {
        // Nothing to let go of; whoever sends notices that no answer comes.
    }

    @Override
    public String toString() {
        return "sink of " + channel.remote();
    }
}
