package dev.livesync.api.transport;

/** Receives the channels that arrive at a listener. */
@FunctionalInterface
public interface ChannelAcceptor {
    /**
     * Takes over a channel, which is open and not started. Must return quickly and not throw; the receiver owns the channel
     * and has to start or close it. Calls may be concurrent.
     *
     * @param channel the new channel
     */
    void accept(Channel channel);
}
