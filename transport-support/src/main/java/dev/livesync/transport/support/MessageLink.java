package dev.livesync.transport.support;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;

/**
 * What is beneath a {@link BufferedChannel}: a connection that carries whole messages. For all threads; no method blocks.
 */
public interface MessageLink {
    /**
     * Puts a message into the queue, where it stays as it is until it is written; one sender at a time. Nothing happens once the link
     * is over.
     *
     * @param message within the limit
     */
    void send(Message message);

    /**
     * How much is in the queue.
     *
     * @return bytes that the network has not taken yet
     */
    long buffered();

    /** Ends behind all that was sent; {@link BufferedChannel#closedByUs} follows once that is over. Idempotent. */
    void closeInOrder();

    /**
     * Ends at once, because the peer did not take what was to go before the end.
     *
     * @param failure the channel's, unless it has ended meanwhile
     */
    void closeTimedOut(SyncException failure);

    /** Ends at once, whatever waits. Idempotent. */
    void abort();

    /** Ends at once because of a defect on this side, which the peer may be told of. Idempotent. */
    void giveUp();

    /** {@link BufferedChannel#wantsMore} is true again. */
    void resumeReading();
}
