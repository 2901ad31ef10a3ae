package dev.livesync.core.protocol;

import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.WireMessage;
import org.jspecify.annotations.Nullable;

/**
 * How both ends find out what the other lacks where that is a conversation, instead of one list from each. One for each session. The initiator
 * begins it; either end may have it begun again.
 *
 * <p>Called as {@link Dialect} is.
 */
public interface Reconciler extends AutoCloseable {
    /**
     * Our first message of a new conversation. Called until it has returned one.
     *
     * @return null for the responder until the initiator has begun
     */
    @Nullable
    OutgoingMessage statement();

    /**
     * The next message of the conversation, behind the first.
     *
     * @return null if there is none now
     */
    @Nullable
    OutgoingMessage next();

    /**
     * Whether {@link #next} has a message.
     *
     * @return false if it would return null
     */
    boolean hasNext();

    /**
     * Takes a message of the peer's.
     *
     * @param message its bytes
     * @return what the peer has, where this message has said it; {@code cids} is empty
     * @throws SyncException if it can't be read
     */
    WireMessage.@Nullable Diff received(byte[] message);

    /** Called when the peer has said goodbye: it says no more of what it has. */
    void peerLeaves();

    /**
     * Whether enough is known to answer the peer.
     *
     * @return true if {@link #answer} may be called
     */
    boolean isKnown();

    /**
     * What the answer is made from: what was here when the conversation began.
     *
     * @return the exchange's own; not to be closed
     */
    Snapshot snapshot();

    /**
     * Creates the answer: what the peer lacks.
     *
     * @return an answer that has said nothing yet; closing it ends the use of {@link #snapshot}
     */
    DiffAnswer answer();

    /**
     * Begins a new conversation, for instance because the last has left something out.
     *
     * @return false if there have been too many
     */
    boolean restart();

    /**
     * Whether the peer has still to reply to what we began with.
     *
     * @return true from {@link #statement} to the peer's
     */
    boolean awaitsReply();

    /**
     * Whether this end begins conversations.
     *
     * @return false for the responder, which has to ask for one
     */
    boolean begins();

    /** Lets go of everything. Idempotent. */
    @Override
    void close();
}
