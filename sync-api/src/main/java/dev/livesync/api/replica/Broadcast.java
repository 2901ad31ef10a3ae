package dev.livesync.api.replica;

import dev.livesync.api.ErrorKind;
import java.util.concurrent.CompletionStage;

/**
 * Small messages between the processes that have one database of a shared store open, for what is worth nothing a second later and is therefore not stored.
 *
 * <p>Best effort: a message may be lost, come twice or in another order, and come back to who has sent it. Nobody learns who is there to get it. Whoever can reach the store may be
 * able to send one, so what comes is no more to be trusted than what a peer sends.
 *
 * <p>Any thread. Nothing here waits for the store.
 */
public interface Broadcast {
    /**
     * The longest message.
     *
     * @return bytes, at least 4,096; the same each time
     */
    int maxMessageBytes();

    /**
     * Sends a message to all that have subscribed, in all processes. Messages of one database go in the order in which they are given, at a rate that the store can bear, and those of
     * several databases in turn; so who has much to say waits for one before it makes the next of what is newest by then.
     *
     * @param message its bytes; the caller leaves them alone from now on
     * @return completes when the store has taken it. Fails with {@link ErrorKind#LIMIT_EXCEEDED} where it is too long or too many wait, with {@link
     *     ErrorKind#STORAGE} where the store did not answer and the message may be lost, with {@link ErrorKind#CLOSED} after the end. On any thread, also before this method returns; what is done on
     *     completion must not block
     */
    CompletionStage<Void> send(byte[] message);

    /**
     * Begins to listen.
     *
     * @param listener told of messages from now on
     * @return ends that; a call that has begun may still be running when {@code close} has returned
     */
    Subscription subscribe(BroadcastListener listener);
}
