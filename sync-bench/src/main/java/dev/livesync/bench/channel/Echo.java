package dev.livesync.bench.channel;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;

/** Sends every message back. What it holds is bounded by what the other side lets be under way. */
public final class Echo implements ChannelListener {
    private final Channel channel;
    private final Outbox outbox;

    private Echo(Channel channel) {
        this.channel = channel;
        this.outbox = new Outbox(channel);
    }

    /**
     * Takes over a channel.
     *
     * @param channel open, not started
     */
    public static void serve(Channel channel) {
        channel.start(new Echo(channel));
        channel.request(Long.MAX_VALUE);
    }

    @Override
    public void onMessage(Message message) {
        outbox.send(message);
    }

    @Override
    public void onClosed(CloseReason reason) {
        // Nothing to let go of; a send that failed with it concerns nobody any more.
    }

    @Override
    public String toString() {
        return "echo to " + channel.remote();
    }
}
