package dev.livesync.core.protocol;

import dev.livesync.SessionStatus;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.grant.Rights;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a protocol asks of whoever runs it, and what it reports. The protocol calls these methods from within its own, on the caller's
 * thread. An implementation doesn't call the protocol before it returns, doesn't block and doesn't throw.
 */
public interface Effects {
    /**
     * Stores a commit on another thread. The answer is {@link SessionProtocol#commitDone}, {@link SessionProtocol#commitFailed} or, where
     * commits are checked, {@link SessionProtocol#commitRefused}. At most
     * one commit is outstanding.
     *
     * @param commit for {@link dev.livesync.api.replica.Replica#commit}
     */
    void commit(Commit commit);

    /**
     * Lets the channel deliver more messages.
     *
     * @param messages 1 or more, as in {@link dev.livesync.api.transport.Channel#request}
     */
    void request(long messages);

    /**
     * Reports the session's new status.
     *
     * @param status the new status
     */
    void statusChanged(SessionStatus status);

    /**
     * Reports that {@link SessionProtocol#statistics} has changed: a section was handed to the channel, or a commit is durable.
     */
    void statisticsChanged();

    /**
     * Reports that the backlog has been exchanged, or can't be any more. Called at most once; if never, {@link #sessionEnded} says why.
     *
     * @param failure null if it has been exchanged; the session goes on in both cases
     */
    void backlogSettled(@Nullable SyncException failure);

    /**
     * Reports which clock both ends have, as far as is known. Called when that changes; it starts as null.
     *
     * @param clock this replica's heads when it was read last, if the peer has them, too; null if they differ
     */
    void equalChanged(@Nullable List<Cid> clock);

    /**
     * Reports a clock that the peer has said it holds durably. Called when that changes.
     *
     * @param clock its heads, all complete here
     */
    void peerHolds(List<Cid> clock);

    /**
     * Whether somebody waits until both ends have the same, so that the peer should acknowledge without delay.
     *
     * @return true if so
     */
    boolean isEqualAwaited();

    /**
     * Reports an alpha's tree that does not hold what the events say. The events count. Called once for an event.
     *
     * @param event whose tree it is
     * @param ids documents that differ, ascending, the first few; empty if the tree is not whole
     */
    void treeMismatch(Cid event, List<String> ids);

    /**
     * Reports what the peer lets us do, where that is not everything. Called at most once, before anything else of the peer's is reported.
     *
     * @param rights at the peer
     */
    void rightsStated(Rights rights);

    /**
     * Reports that the peer does not take changes of ours: it refused them, or it gives no write access and they were not sent. The session
     * goes on. Called once for each refusal that the peer states, and once where nothing is sent.
     *
     * @param refusal {@link dev.livesync.api.ErrorKind#REFUSED}, with the peer and its reason
     */
    void changesRefused(SyncException refusal);

    /**
     * Reports that the peer is about to stop, and wants this end to leave and come back. The session goes on.
     *
     * @param millis how long the peer stays, as it says: anything from 0 on
     */
    void askedToLeave(long millis);

    /**
     * Called when there may be blocks to ask for or to tell of: {@link SessionProtocol#changed} is to be called. Unlike the others on any thread, and not from within
     * the protocol's methods alone.
     */
    void blocksChanged();

    /**
     * Reports that the session has failed. {@link SessionProtocol#poll} may still return a last message for the peer, and {@link
     * #sessionEnded} follows. Called at most once.
     *
     * @param failure the outcome
     */
    void sessionFailed(SyncException failure);

    /**
     * Reports that the session is over and the channel can be closed: no commit is outstanding, and {@link SessionProtocol#poll} returns
     * nothing any more. Called exactly once, last.
     *
     * @param failure null after a regular end, otherwise the failure that {@link #sessionFailed} reported
     */
    void sessionEnded(@Nullable SyncException failure);
}
