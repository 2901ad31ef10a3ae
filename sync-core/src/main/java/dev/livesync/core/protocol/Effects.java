package dev.livesync.core.protocol;

import dev.livesync.SessionStatus;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a protocol asks of whoever runs it. Called from within the protocol's methods, on the caller's thread; must not call
 * back into the protocol before returning, and must not block or throw.
 */
public interface Effects {
    /**
     * Store this, off the thread, and answer with {@link SessionProtocol#commitDone} or {@link SessionProtocol#commitFailed}. At most one is
     * outstanding.
     *
     * @param commit for {@link dev.livesync.api.replica.Replica#commit}
     */
    void commit(Commit commit);

    /**
     * The channel may deliver more.
     *
     * @param messages 1 or more, as in {@link dev.livesync.api.transport.Channel#request}
     */
    void request(long messages);

    /**
     * The session is doing something else now.
     *
     * @param status the new status
     */
    void status(SessionStatus status);

    /**
     * Numbers moved on: a section was handed to the channel, or a commit is durable. {@link SessionProtocol#statistics} has them.
     */
    void counted();

    /**
     * What {@code backlog()} promises has come true, or can't any more. Called at most once; if never, {@link #ended} says
     * why.
     *
     * @param failure null when it came true; the session goes on in both cases
     */
    void backlog(@Nullable SyncException failure);

    /**
     * Which clock, as far as is known, both ends have. Called when that changes; it starts as null.
     *
     * @param clock this replica's heads when it was read last, if the peer has them, too; null if they differ
     */
    void equal(@Nullable List<Cid> clock);

    /**
     * An alpha's tree does not hold what the events say, which is what counts here. Called once for an event.
     *
     * @param event whose tree it is
     * @param ids documents that differ, ascending, the first few; empty if the tree is not whole
     */
    void mismatch(Cid event, List<String> ids);

    /**
     * The session has failed; {@link SessionProtocol#poll} may still have a last word for the peer, and {@link #ended} follows.
     * Called at most once.
     *
     * @param failure the outcome
     */
    void failed(SyncException failure);

    /**
     * The session is over: no commit is outstanding, {@link SessionProtocol#poll} returns nothing any more, close the channel.
     * Called exactly once, last.
     *
     * @param failure null after a regular end; otherwise what {@link #failed} was called with
     */
    void ended(@Nullable SyncException failure);
}
