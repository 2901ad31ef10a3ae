package dev.livesync;

import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.transport.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events and metrics of a {@link Sync}. All methods do nothing unless overridden.
 *
 * <p>Calls about one session come one at a time and in order, {@link #sessionOpened} first and {@link #sessionClosed} last;
 * calls about different sessions may be concurrent. They are made by the session itself, on the executor: be quick and do
 * not wait for anything of the {@code Sync}. What a listener throws is logged and otherwise ignored.
 */
public interface SyncListener {
    /**
     * Called when a session has opened: both ends have proved what they had to, a direct channel was found or not, and the exchange begins.
     *
     * @param session the new session
     */
    default void sessionOpened(Session session) {}

    /**
     * Called when a session does something else than before.
     *
     * @param session which
     * @param status its new status
     */
    default void statusChanged(Session session, SessionStatus status) {}

    /**
     * Called when a section was handed to the channel, or one is durable here.
     *
     * @param session which
     * @param statistics its counts
     */
    default void statisticsChanged(Session session, SessionStatistics statistics) {}

    /**
     * Called when a message was handed to the channel.
     *
     * @param session which
     * @param kind text or binary
     * @param bytes its payload
     */
    default void sent(Session session, Message.Kind kind, int bytes) {}

    /**
     * Called when a message came from the channel.
     *
     * @param session which
     * @param kind text or binary
     * @param bytes its payload
     */
    default void received(Session session, Message.Kind kind, int bytes) {}

    /**
     * Called when something that a peer sent is durable here.
     *
     * @param session which
     * @param result what the commit did
     */
    default void committed(Session session, CommitResult result) {}

    /**
     * Called when both ends came to have the same heads, or no longer have, as far as is known.
     *
     * @param session which
     * @param equal true if they do
     */
    default void equalChanged(Session session, boolean equal) {}

    /**
     * Called when the tree that an alpha goes by does not hold what the events say. Here the events count; the alpha gets a tree that is
     * right. Called once for an event and session.
     *
     * @param session with the alpha
     * @param event whose tree it is
     * @param ids documents that differ, the first few; empty if the tree is not whole, so that nobody can say
     */
    default void treeMismatch(Session session, Cid event, List<String> ids) {}

    /**
     * Called when the peer does not take changes of ours: it refused them, or it gives read access only and they were not sent. They stay
     * in this database, and the session goes on.
     *
     * @param session which
     * @param refusal {@link dev.livesync.api.ErrorKind#REFUSED}; the message names the peer and its reason
     */
    default void changesRefused(Session session, SyncException refusal) {}

    /**
     * Called when a session has ended.
     *
     * @param session which
     * @param failure what ended it; null if it was closed in order, by either side
     */
    default void sessionClosed(Session session, @Nullable SyncException failure) {}

    /**
     * Called when a peer of {@link Sync#keep(String)} does something else than before: it is dialled, has a session, waits for the next dial, or has
     * stopped. Calls about one peer come one at a time and in order, beside those about its sessions.
     *
     * @param peer which
     * @param status what it does now
     */
    default void keptPeerChanged(KeptPeer peer, KeptPeer.Status status) {}

    /**
     * Called when somebody dialled an endpoint or took up an offer of ours and got no session: too many were unproved, the proof was missing or
     * wrong, or it took too long.
     *
     * @param remote where they are
     * @param why what was wrong
     */
    default void refused(String remote, SyncException why) {}
}
