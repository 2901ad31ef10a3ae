package dev.livesync.api.transport;

/**
 * What a channel calls. Serially, never re-entrantly, on threads of the transport's: implementations return quickly, never
 * block and never throw.
 */
public interface ChannelListener {
    /**
     * A requested message arrived.
     *
     * @param message the message; the listener may keep it
     */
    void onMessage(Message message);

    /**
     * The channel has ended. Called exactly once, last.
     *
     * @param reason why
     */
    void onClosed(CloseReason reason);
}
