package dev.livesync;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.grant.Rights;
import dev.livesync.monitor.Lag;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One live connection with one peer: it exchanges what either side lacks, then every change as it happens, until one side
 * closes it or it fails. A session's failure touches no other session and leaves the database as it was, plus whatever
 * was committed until then.
 *
 * <p>Any thread. Every call returns a future of its own: whoever completes or cancels it changes nothing for anybody else, or for the
 * session. Futures complete on a thread of the {@link Sync}'s executor; what is attached to them may take its time there but should not
 * wait for other work of the same {@code Sync}. They fail with {@link dev.livesync.api.SyncException}, unwrapped.
 */
public interface Session extends AutoCloseable {
    /**
     * The session's identity.
     *
     * @return unique among all sessions; appears in the origin of what the session commits
     */
    String id();

    /**
     * The transport that carries the session.
     *
     * @return its id; of a session on a relayed channel that of the direct one, once that is found: it is final when {@link SyncListener#sessionOpened} is
     *     called
     */
    String transport();

    /**
     * Who is at the other end.
     *
     * @return the same for the life of the session
     */
    PeerInfo peer();

    /**
     * What this side may do at the peer, as far as that has said so. What the peer may do here is {@link PeerInfo#rights}.
     *
     * @return {@link Rights#READ_WRITE} unless the peer has granted less, which it says before anything else; whether contents may be erased, too, it doesn't say
     */
    Rights rights();

    /**
     * What the session is doing.
     *
     * @return the status at this moment
     */
    SessionStatus status();

    /**
     * Waits until all that there was to exchange at open is safe. With one of our own peers: what it had at open is durable
     * here, and what was here at open is acknowledged as durable there, but for what it refuses: see {@link #delivered()}. With an alpha, which acknowledges nothing: what it had
     * is durable here, and what it lacks was handed to the channel.
     *
     * @return completes then; fails with the session's error if the session ends before, {@link ErrorKind#CLOSED} if it was
     *     closed in order. Never pending for ever: every phase has a deadline. Cancelling it cancels nothing else
     */
    CompletableFuture<Void> backlog();

    /**
     * Whether both ends are known to have the same heads, as far as acknowledgements tell: those that the database has at the
     * moment of the call. Right after a write it is false, until the peer has that write.
     *
     * @return true if so at this moment
     */
    boolean equal();

    /**
     * What the peer is known to have: what it has acknowledged or stated as durable in this session. It may have more. What is known of peers that were dialled outlasts
     * the session, with the database's history ({@code History.peers()}).
     *
     * @return the newest such events of this database: the peer has them and all before them. In text order; immutable; empty if it has said nothing of the kind yet, as an alpha
     *     never does, or may not read
     */
    List<Cid> acknowledged();

    /**
     * Waits until both ends have the same heads. What this database held at the time of the call is among what the peer has
     * then; whoever goes on writing may wait for long, and wants {@link #delivered()}.
     *
     * <p>It has no deadline of its own: the two may never be equal, such as while the peer holds events whose ancestors nobody has, or
     * while others write. Set one with {@link CompletableFuture#orTimeout}; whoever gives up is forgotten.
     *
     * @return completes as soon as both ends are known to have the same heads, at once if they do; fails with {@link ErrorKind#REFUSED} if
     *     that can't come true, because the peer does not take what was written here or doesn't let us read; fails as {@link #backlog}
     *     does. Cancelling it cancels nothing else
     */
    CompletableFuture<Void> awaitEqual();

    /**
     * Waits until the peer has everything that this database holds at the time of the call, every write that has returned
     * by then among it. With one of our own peers: it has acknowledged that as durable. With an alpha, which acknowledges
     * nothing: it was handed to the channel.
     *
     * @return completes then, at once if the database is empty; fails with {@link ErrorKind#REFUSED} if the peer has refused something of
     *     it in this session, or has no right to read it, or gives us none to write; fails with the session's error if the session ends before, {@link
     *     ErrorKind#CLOSED} if it was closed in order, and with the database's if that can't be read. Never pending for ever:
     *     every phase has a deadline. Cancelling it cancels nothing else
     */
    CompletableFuture<Void> delivered();

    /**
     * Waits until the peer has some events of this database and all their ancestors, as {@link #delivered()} does for all there are.
     *
     * @param clock events, as a write or the database's clock names them; copied
     * @return as {@link #delivered()}; fails with {@link ErrorKind#NOT_FOUND} if one of them is not complete in this database
     */
    CompletableFuture<Void> delivered(Collection<Cid> clock);

    /**
     * Counts so far.
     *
     * @return the counts of this moment
     */
    SessionStatistics statistics();

    /**
     * How far the peer is behind this database. It is worked out from what passes anyway: asking sends nothing.
     *
     * @return the lag of this moment
     */
    Lag lag();

    /**
     * Says when attachments are fetched from this peer: with the documents that name them, or when somebody opens them. Fetching goes on in the background, behind everything else, and
     * with another session where this one ends. Without effect where the peer or the database has no attachments.
     *
     * @param withDocuments true to fetch all that documents name, now and later; false, as at the beginning, only what is opened
     */
    void fetchAttachments(boolean withDocuments);

    /**
     * Waits until the session has ended.
     *
     * @return completes when it has ended in order, whichever side closed it, and its channel is closed; fails with what
     *     ended it otherwise. It fails with {@link ErrorKind#TIMEOUT} or {@link ErrorKind#DISCONNECTED}, too, if it was closed
     *     here and what was written before could not be delivered
     */
    CompletableFuture<Void> closed();

    /**
     * Ends the session in order, and waits until that is done. What the database held at the time of the call is delivered, as {@link
     * #delivered()} has it, and what the peer had written when it hears of this is taken in, both within {@link
     * SyncLimits#deliveryTime}; then the channel is drained and closed. Where neither has anything left to say that is one exchange of
     * goodbyes. The session is aborted if it has not ended {@link SyncLimits#closeTime} later. What could not be delivered stays in the
     * database for the next session; it makes {@link #closed} fail, is logged, and told to {@link SyncListener#sessionClosed}.
     *
     * <p>The promise of {@link Sync#close} is the same: in order, delivering, bounded, idempotent. A second call waits for the first. From a
     * thread that this would wait for, it returns at once and the session goes on to its end: in a {@link SyncListener}, and in what is
     * attached to a future. Never throws.
     */
    @Override
    void close();

    /** Ends the session at once; {@link #closed} fails with {@link ErrorKind#CANCELLED}. Idempotent. */
    void abort();
}
