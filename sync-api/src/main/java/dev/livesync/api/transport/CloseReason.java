package dev.livesync.api.transport;

import dev.livesync.api.SyncException;
import org.jspecify.annotations.Nullable;

/**
 * Why a channel ended.
 *
 * @param initiator who ended it
 * @param failure what went wrong; null for a regular close
 */
public record CloseReason(Initiator initiator, @Nullable SyncException failure) {
    /** Who ended a channel. */
    public enum Initiator {
        /** This side, by {@link Channel#close} or {@link Channel#abort}. */
        LOCAL,
        /**
         * The peer, in order as far as the wire can tell: WebRTC cannot tell a close from an abort, so nothing may be
         * concluded about what the peer had received.
         */
        REMOTE,
        /** Nobody on purpose: the connection broke, or a limit was hit. */
        FAILURE
    }

    /** This side closed in order. */
    public static final CloseReason LOCAL = new CloseReason(Initiator.LOCAL, null);

    /** The peer closed in order. */
    public static final CloseReason REMOTE = new CloseReason(Initiator.REMOTE, null);

    /**
     * Makes the reason of a connection that broke.
     *
     * @param failure what went wrong
     * @return the reason
     */
    public static CloseReason failed(SyncException failure) {
        return new CloseReason(Initiator.FAILURE, failure);
    }

    /**
     * Makes the reason of a channel that this side aborted.
     *
     * @param reason what was passed to {@link Channel#abort}
     * @return the reason
     */
    public static CloseReason aborted(SyncException reason) {
        return new CloseReason(Initiator.LOCAL, reason);
    }
}
