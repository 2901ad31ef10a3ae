package dev.livesync.core.reconcile;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * One end of the comparison of two histories, over a snapshot of each. It ends with what the peer has, so that the rest can be sent. That the
 * answer is right is checked by others: both ends must hold each other's heads afterwards. If they don't, the next attempt takes a new salt
 * and assumes less.
 *
 * <p>One thread. Owns its snapshot.
 */
public interface Reconciliation extends AutoCloseable {
    /**
     * The next message to send.
     *
     * @return a new array, or null if there is none now
     */
    byte @Nullable [] poll();

    /**
     * Takes the next message of the peer's reconciliation.
     *
     * @param message read and not kept
     * @throws SyncException {@link ErrorKind#MALFORMED} if it is not what may come now, {@link ErrorKind#LIMIT_EXCEEDED} if it states too
     *     much; this reconciliation is of no use then
     */
    void received(byte[] message);

    /**
     * What the peer has of the snapshot's events.
     *
     * @return null until it is known; the same from then on
     */
    @Nullable
    PeerHas peerHas();

    /**
     * The peer's heads, as it stated them.
     *
     * @return null until it has
     */
    @Nullable
    StatedClock peerClock();

    /**
     * Whether {@link #poll} will return nothing more, whatever comes. The peer's own part may go on.
     *
     * @return true from then on
     */
    boolean isDone();

    /**
     * Whether the peer does not have what was remembered of it, so that another has to begin without that. Nothing is known then.
     *
     * @return never true for who answers
     */
    default boolean isMisremembered() {
        return false;
    }

    /**
     * The snapshot that is compared.
     *
     * @return open until this is closed
     */
    Snapshot snapshot();

    /** Closes the snapshot. Idempotent. */
    @Override
    void close();
}
