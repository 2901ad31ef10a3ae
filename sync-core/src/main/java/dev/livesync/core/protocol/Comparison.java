package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.WireMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How both ends find out what the other lacks: by one list from each ({@link DiffComparison}), or by a conversation. One for each session.
 *
 * <p>Called as {@link Dialect} is.
 */
public interface Comparison extends AutoCloseable {
    // ---- what we say

    /** Makes our first statement due. Called at most once, first. */
    void begin();

    /**
     * Our statement, if one is due: a diff, or the first message of a conversation. It is due no longer then.
     *
     * @return null if none is due, or if it waits for the peer's
     */
    @Nullable
    OutgoingMessage statement();

    /**
     * What is to be said behind the statement.
     *
     * @return null if there is nothing now
     */
    @Nullable
    OutgoingMessage next();

    /** Called when a statement was sent whole. */
    void stated();

    /**
     * Whether a statement is due.
     *
     * @return true until {@link #statement} has returned it
     */
    boolean isDue();

    /**
     * Whether {@link #statement} or {@link #next} may have a message.
     *
     * @return false if both would return null
     */
    boolean hasNext();

    /**
     * Whether our statement is due and waits for the peer's.
     *
     * @return true after {@link #statement} has returned null for that reason
     */
    boolean waitsForTheirs();

    /** Stops waiting for the peer's statement before ours. */
    void waitNoLonger();

    // ---- what the peer says

    /**
     * Takes a message of a conversation.
     *
     * @param message as it came
     * @return what the peer has, where this message has said it
     * @throws SyncException if it can't be read, or if there are no conversations here
     */
    WireMessage.@Nullable Diff received(WireMessage.Reconcile message);

    /**
     * Takes what the peer has, which is to be answered. Replaces what isn't answered yet.
     *
     * @param diff the peer's, or what {@link #received} has returned
     */
    void asked(WireMessage.Diff diff);

    /** Called when the peer has said goodbye: it says no more of what it has, and would answer nothing. */
    void peerLeaves();

    // ---- our answer

    /**
     * Whether the peer has to be answered.
     *
     * @return true from {@link #asked} to {@link #answered}
     */
    boolean isAsked();

    /**
     * Whether the peer can be answered.
     *
     * @return false if it has not asked, or has to say more before
     */
    boolean isAnswerable();

    /**
     * Whether nothing happens before the peer has said more.
     *
     * @return true if it has asked, and our answer waits for the conversation to go on
     */
    boolean waitsForPeer();

    /**
     * Starts the answer to a peer that may read. Only if {@link #isAnswerable}.
     *
     * @return what the peer lacks
     */
    AnswerStart answer();

    /** Called when the answer was started, also to a peer that may not read. */
    void answered();

    /**
     * Called when the peer is known to hold a clock durably.
     *
     * @param clock its heads, all complete here
     */
    void held(List<Cid> clock);

    // ---- once more

    /**
     * Whether this end makes a new statement by itself.
     *
     * @return false if it has to ask the peer to begin
     */
    boolean begins();

    /**
     * Makes a new statement due, or where the peer {@linkplain #begins begins}, gets ready for the peer's.
     *
     * @return false if there have been too many
     */
    boolean again();

    /**
     * Whether a new statement may bring what the peer's answer to the last has left out.
     *
     * @return the same each time
     */
    boolean mends();

    /** Called when the peer wants our statement again. If it is being told already, its wish has crossed that. */
    void wanted();

    /** Lets go of everything. Idempotent. */
    @Override
    void close();
}
