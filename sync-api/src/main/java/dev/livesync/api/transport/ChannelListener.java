package dev.livesync.api.transport;

/**
 * What a channel calls. Serially, never re-entrantly, on threads of the transport's: implementations return quickly, never
 * block and never throw.
 */
public interface ChannelListener {
    /**
     * Called when a requested message has arrived. Not after this side has called {@link Channel#close} or {@link
     * Channel#abort}, but for a message that was about to be delivered then.
     *
     * @param message the message; the listener may keep it
     */
    void onMessage(Message message);

    /**
     * Called when the channel has ended: exactly once, last.
     *
     * @param reason why
     */
    void onClosed(CloseReason reason);
}
