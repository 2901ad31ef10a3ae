package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.message.ControlText;
import dev.livesync.core.message.WireMessage;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Makes the errors of a session: for our user with the peer and the details, for the peer without anything of our own, such as our disk. */
final class PeerFailures {
    private static final int MAX_CHARS = 500;

    /**
     * The kinds that mean the same at either end. Any other kind concerns the peer alone (it was closed or has damaged files), and for this
     * side it is a lost connection.
     */
    private static final Set<ErrorKind> SHARED = EnumSet.of(
            ErrorKind.MALFORMED,
            ErrorKind.HASH_MISMATCH,
            ErrorKind.LIMIT_EXCEEDED,
            ErrorKind.UNSUPPORTED,
            ErrorKind.AUTHENTICATION,
            ErrorKind.REFUSED,
            ErrorKind.OVERFLOW,
            ErrorKind.STORAGE,
            ErrorKind.TIMEOUT);

    private final String peer;

    PeerFailures(String peer) {
        this.peer = peer;
    }

    /** An error of the peer's, with its name. */
    SyncException ofPeer(SyncException e) {
        return new SyncException(e.kind(), "peer " + peer + ": " + e.getMessage(), e);
    }

    SyncException of(ErrorKind kind, String what) {
        return new SyncException(kind, "peer " + peer + " " + what);
    }

    /** The error that the peer lacks what was written here before the session was closed. */
    SyncException undelivered(ErrorKind kind, String missed, List<Cid> clock, String why) {
        String heads = clock.size() == 1 ? "head " + clock.get(0) : clock.size() + " heads, " + clock.get(0) + " first";
        return of(
                kind,
                missed + " all that was written here before the close (" + heads + "): " + why
                        + "; it stays in this database, and the next session delivers it");
    }

    /** The error of a defect. */
    SyncException internal(RuntimeException e) {
        return new SyncException(ErrorKind.INTERNAL, "session with peer " + peer + " failed: " + e, e);
    }

    /** The error that the peer has refused changes. */
    SyncException refused(WireMessage.Refused refusal) {
        return of(
                ErrorKind.REFUSED,
                "refused what was written here: " + ControlText.printable(refusal.message(), MAX_CHARS)
                        + (refusal.event() == null ? "" : " (event " + refusal.event() + ")"));
    }

    /** The error that the peer sent. */
    SyncException told(WireMessage.Failure told) {
        ErrorKind kind = ErrorKind.DISCONNECTED;
        for (ErrorKind known : SHARED) {
            if (known.name().equals(told.kind())) {
                kind = known;
            }
        }
        return of(kind, "ended the session: " + ControlText.printable(told.message(), MAX_CHARS));
    }

    /**
     * Writes the error message for the peer.
     *
     * @param e what happened
     * @param shared whether the peer may read the message: it is about what it sent or is to receive
     */
    static WireMessage lastWord(SyncException e, boolean shared) {
        return new WireMessage.Failure(e.kind().name(), shared ? String.valueOf(e.getMessage()) : generic(e.kind()));
    }

    private static String generic(ErrorKind kind) {
        return switch (kind) {
            case STORAGE, CORRUPT -> "this side cannot read or store its data";
            case CANCELLED, CLOSED -> "this side gave up";
            case TIMEOUT -> "this side waited too long";
            case CURSOR_EXPIRED -> "this side has lost a part of its history, and a new session finds out which";
            default -> "this side failed";
        };
    }
}
