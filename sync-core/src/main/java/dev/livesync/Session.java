package dev.livesync;

import dev.livesync.api.ErrorKind;
import java.util.concurrent.CompletionStage;

/**
 * One live connection with one peer: it exchanges what either side lacks, then every change as it happens, until one side
 * closes it or it fails. A session's failure touches no other session and leaves the database as it was, plus whatever
 * was committed until then.
 *
 * <p>Any thread. Stages complete on a thread of the {@link Sync}'s executor; what is attached to them may take its time
 * there but should not wait for other work of the same {@code Sync}. They fail with {@link dev.livesync.api.SyncException}, unwrapped.
 */
public interface Session extends AutoCloseable {
    /**
     * The session's identity.
     *
     * @return unique among all sessions; appears in the origin of what the session commits
     */
    String id();

    /**
     * What carries it.
     *
     * @return the id of the transport
     */
    String transport();

    /**
     * Who is at the other end.
     *
     * @return the same for the life of the session
     */
    PeerInfo peer();

    /**
     * What it is doing.
     *
     * @return the status at this moment
     */
    SessionStatus status();

    /**
     * Whether all that there was to exchange at open is safe. With one of our own peers: what it had at open is durable
     * here, and what was here at open is acknowledged as durable there. With an alpha, which acknowledges nothing: what it had
     * is durable here, and what it lacks was handed to the channel.
     *
     * @return completes then; fails with the session's error if the session ends before, {@link ErrorKind#CLOSED} if it was
     *     closed in order. Never pending for ever: every phase has a deadline. Cancelling it cancels nothing else
     */
    CompletionStage<Void> backlog();

    /**
     * Whether both ends are known to have the same heads, as far as acknowledgements tell.
     *
     * @return true if so at this moment
     */
    boolean equal();

    /**
     * Waits for {@link #equal}.
     *
     * @return completes as soon as both ends are known to have the same heads, at once if they do; fails as {@link #backlog}
     *     does. Cancelling it cancels nothing else
     */
    CompletionStage<Void> awaitEqual();

    /**
     * Counts so far.
     *
     * @return a copy
     */
    Progress statistics();

    /**
     * The end of the session.
     *
     * @return completes when it has ended in order, whichever side closed it, and its channel is closed; fails with what
     *     ended it otherwise
     */
    CompletionStage<Void> closed();

    /**
     * Ends the session in order, without waiting: what was received whole is still committed, unsent data is dropped, the
     * peer is told, the channel is drained and closed. Becomes an abort after the configured time. Idempotent; {@link #closed}
     * tells when.
     */
    @Override
    void close();

    /** Ends the session at once; {@link #closed} fails with {@link ErrorKind#CANCELLED}. Idempotent. */
    void abort();
}
