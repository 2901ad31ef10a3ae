package dev.livesync.transport.support;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;

/** The connection beneath a {@link BufferedChannel}, which carries whole messages. For all threads; no method blocks. */
public interface MessageLink {
    /**
     * Puts a message into the queue, where it stays unchanged until it is written. One sender at a time. Does nothing once the link has
     * ended.
     *
     * @param message within the limit
     */
    void send(Message message);

    /**
     * The size of the queue.
     *
     * @return bytes that the network has not taken yet
     */
    long buffered();

    /** Closes behind everything that was sent; {@link BufferedChannel#closedByUs} follows when that is done. Idempotent. */
    void closeInOrder();

    /**
     * Ends at once, because the peer did not take the rest in time.
     *
     * @param failure the channel's failure, unless the channel has ended meanwhile
     */
    void closeTimedOut(SyncException failure);

    /** Ends at once and drops the queue. Idempotent. */
    void abort();

    /** Ends at once because of a defect on this side, which may be reported to the peer. Idempotent. */
    void giveUp();

    /** Called when {@link BufferedChannel#wantsMore} is true again. */
    void resumeReading();
}
