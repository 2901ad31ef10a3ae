package dev.livesync.transport.support.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import org.jspecify.annotations.Nullable;

/** Creates the exceptions of both libp2p transports. */
public final class Libp2pFailures {
    private Libp2pFailures() {}

    /**
     * The failure of calls on a closed transport.
     *
     * @return CLOSED
     */
    public static SyncException closed() {
        return new SyncException(ErrorKind.CLOSED, "the libp2p transport is closed");
    }

    /**
     * The failure for bytes that break a protocol.
     *
     * @param what which rule, and how
     * @return MALFORMED
     */
    public static SyncException malformed(String what) {
        return new SyncException(ErrorKind.MALFORMED, what);
    }

    /**
     * The failure for a peer with the wrong identity.
     *
     * @param what who it is, and who was expected
     * @return AUTHENTICATION
     */
    public static SyncException untrusted(String what) {
        return new SyncException(ErrorKind.AUTHENTICATION, what);
    }

    /**
     * The failure of a connection that broke.
     *
     * @param remote whom it led to
     * @param cause what broke it; null if it only ended
     * @return DISCONNECTED
     */
    public static SyncException disconnected(String remote, @Nullable Throwable cause) {
        return new SyncException(
                ErrorKind.DISCONNECTED,
                cause == null
                        ? remote + " closed the connection without saying goodbye"
                        : "the connection to " + remote + " broke: " + text(cause),
                cause);
    }

    /**
     * Puts the peer's name in front of a failure.
     *
     * @param remote the peer
     * @param failure what it did
     * @return of the same kind
     */
    public static SyncException at(String remote, SyncException failure) {
        return new SyncException(failure.kind(), remote + ": " + text(failure), failure);
    }

    /**
     * Describes an exception in one line.
     *
     * @param e anything
     * @return its message, or what it is
     */
    public static String text(Throwable e) {
        return Reason.of(e);
    }

    /**
     * Makes a peer's text safe to show.
     *
     * @param text anything
     * @return at most 200 characters, printable ones
     */
    public static String shown(String text) {
        String cut = text.length() > 200 ? text.substring(0, 200) + "…" : text;
        return cut.replaceAll("[^\\x20-\\x7e…]", "?");
    }
}
