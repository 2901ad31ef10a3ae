package dev.livesync.api.replica;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Optional;

/**
 * A database as the protocol sees it: a snapshot to read, one commit to write, and a feed of what changed.
 *
 * <p><strong>Threads.</strong> Every method may be called from any thread. {@link #snapshot} and {@link #changes} never
 * wait for a writer. {@link #commit} may block for a disk and for other commits, and is never called from a channel's
 * callback.
 *
 * <p><strong>Failures</strong> are {@link SyncException}: {@link ErrorKind#STORAGE} when the system refuses,
 * {@link ErrorKind#CORRUPT} when what was stored no longer verifies, {@link ErrorKind#CLOSED} after the database was
 * closed. A method that failed has changed nothing.
 *
 * <p>The replica belongs to its database; there is nothing to close here. Implementations are verified by the kit's
 * {@code ReplicaTck}.
 */
public interface Replica extends Replicated {
    /**
     * Takes a snapshot: the state as of now, which later commits do not change. Cheap; never waits for writers.
     *
     * @return a snapshot, which the caller closes
     * @throws SyncException {@link ErrorKind#CLOSED}, {@link ErrorKind#STORAGE}
     */
    Snapshot snapshot();

    /**
     * Stores blocks and events: all of them or none, durably when it returns.
     *
     * <p>Idempotent: what is stored already changes nothing and appears in no change. Events whose ancestors are absent
     * are kept as pending within the quota of their {@linkplain Origin#peer() peer} (in bytes of their blocks, and perhaps something
     * for each), whose oldest pending events make room for new ones, and become complete in whichever commit brings the last ancestor. The clock advances only over complete events; a batch becomes visible as a whole.
     *
     * @param commit what to store; the replica trusts that blocks hash to their CIDs, because no other {@code Block} can be
     *     made, and that events pass the schema, because the caller has them from the event codec
     * @return what became of it
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} if what stays pending of this commit alone is over the quota,
     *     {@link ErrorKind#STORAGE} and others as said above; nothing of the commit is stored then
     */
    CommitResult commit(Commit commit);

    /**
     * Reads the feed: what became complete after a cursor, oldest first, without gaps and without repeats.
     *
     * <p>Events come in causal order and whole batches: parents never after children, and a batch never split over two
     * calls.
     *
     * @param after where the reader is; {@link Snapshot#cursor()} or an earlier answer's {@link Changes#next()}
     * @param maxEvents where to stop, at least 1; exceeded only to keep a batch whole
     * @return the next changes; an empty list when there are none yet
     * @throws SyncException {@link ErrorKind#CURSOR_EXPIRED} if the feed no longer reaches back to the cursor,
     *     {@link ErrorKind#INVALID_ARGUMENT} if the cursor is none of this replica's
     */
    Changes changes(Cursor after, int maxEvents);

    /**
     * Registers what is called after commits. A hint only: calls may be merged, late or (where several processes share a store)
     * delayed by polling; a reader always goes back to {@link #changes}.
     *
     * @param wakeUp called at least once after the latest commit, never on a thread that is inside {@link #commit}: on one of the
     *     database's, or on one that wrote through the database's own methods, when that is durable and nothing is locked; must not
     *     block or throw
     * @return ends the subscription when closed; no call begins after {@code close} has returned
     */
    Subscription onChange(Runnable wakeUp);

    /**
     * What is remembered of peers, to spare the next session with them questions.
     *
     * @return the same each time; empty where nothing is remembered
     */
    default Optional<PeerFrontiers> peerFrontiers() {
        return Optional.empty();
    }

    /**
     * Says something to the other processes that share the store, without storing it.
     *
     * @return the same each time; empty where one process has the store for itself, or where the store can't tell others
     */
    default Optional<Broadcast> broadcast() {
        return Optional.empty();
    }

    /**
     * Blocks that belong to no event, and that peers may ask for.
     *
     * @return the same each time; empty where there are none, ever
     */
    default Optional<BlockExchange> blocks() {
        return Optional.empty();
    }

    @Override
    default Replica replica() {
        return this;
    }
}
