package dev.livesync;

/**
 * Counts of one {@link Session} since it opened, for metrics and progress bars. They are of one moment and do not change. Bytes are payload
 * as the protocol sees it: messages of the channel without the transport's framing, and without the handshake
 * and what finds a direct channel.
 *
 * <p>Any thread. LiveSync implements this, and a later version may count more: programs only read it.
 */
public interface SessionStatistics {
    /**
     * Bytes of the messages that were handed to the channel.
     *
     * @return bytes
     */
    long bytesSent();

    /**
     * Bytes of the messages that came from the channel.
     *
     * @return bytes
     */
    long bytesReceived();

    /**
     * Messages that were handed to the channel.
     *
     * @return a count
     */
    long messagesSent();

    /**
     * Messages that came from the channel.
     *
     * @return a count
     */
    long messagesReceived();

    /**
     * CARs that were handed to the channel whole.
     *
     * @return a count
     */
    long carsSent();

    /**
     * CARs that came whole.
     *
     * @return a count
     */
    long carsReceived();

    /**
     * How many of {@link #carsSent} are durable at the peer.
     *
     * @return a count; it stays 0 with a peer that acknowledges nothing
     */
    long carsAcknowledged();

    /**
     * How many of {@link #carsSent} the peer has refused.
     *
     * @return a count
     */
    long carsRefused();

    /**
     * Blocks in {@link #carsSent}.
     *
     * @return a count
     */
    long blocksSent();

    /**
     * Blocks in {@link #carsReceived}.
     *
     * @return a count
     */
    long blocksReceived();

    /**
     * Events in {@link #carsSent}.
     *
     * @return a count
     */
    long eventsSent();

    /**
     * Events in {@link #carsReceived}.
     *
     * @return a count
     */
    long eventsReceived();

    /**
     * Events that became complete here through this session.
     *
     * @return a count
     */
    long eventsCommitted();

    /**
     * How many events the answer to the peer's latest diff holds in all, those that were sent already among them.
     *
     * @return a count; -1 while it is unknown
     */
    long eventsToSend();
}
