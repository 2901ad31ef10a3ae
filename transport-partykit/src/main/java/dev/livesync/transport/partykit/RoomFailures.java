package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What the platform throws and what rooms say, in our words. */
final class RoomFailures {
    private RoomFailures() {}

    static SyncException closed() {
        return new SyncException(ErrorKind.CLOSED, "the PartyKit transport is closed");
    }

    /** Nobody is at the room's address. */
    static SyncException unreachable(RoomUrl room, IOException cause) {
        return new SyncException(ErrorKind.UNREACHABLE, "nobody answers at " + room + ": " + text(cause), cause);
    }

    /** A connection that broke after it was open. */
    static SyncException disconnected(RoomUrl room, @Nullable Throwable cause) {
        return new SyncException(
                ErrorKind.DISCONNECTED,
                "the connection to " + room
                        + (cause == null ? " ended without saying goodbye" : " broke: " + text(cause)),
                cause);
    }

    /** A connection that broke before it was open. */
    static SyncException handshake(RoomUrl room, IOException cause) {
        for (Throwable e = cause; e != null; e = e.getCause()) {
            if (e instanceof CertificateException) {
                return new SyncException(
                        ErrorKind.AUTHENTICATION, "the certificate of " + room + " is not trusted: " + text(e), cause);
            }
        }
        if (cause instanceof SSLException) {
            boolean plain = text(cause).toLowerCase(Locale.ROOT).contains("unrecognized ssl message")
                    || text(cause).toLowerCase(Locale.ROOT).contains("unsupported or unrecognized");
            return new SyncException(
                    plain ? ErrorKind.UNREACHABLE : ErrorKind.REFUSED,
                    plain ? room + " does not speak TLS" : "TLS with " + room + " failed: " + text(cause),
                    cause);
        }
        return new SyncException(
                ErrorKind.REFUSED, room + " broke the connection before answering: " + text(cause), cause);
    }

    /** The room closed the socket with a code, or with none. */
    static SyncException closedWith(RoomUrl room, int code, String reason) {
        String why = reason.isEmpty() ? "" : ": " + shown(reason);
        return switch (code) {
            case RoomSocket.NO_TOKEN -> noToken(room);
            case RoomSocket.BROKEN_RULE ->
                new SyncException(ErrorKind.REFUSED, room + " says that we broke its rules" + why);
            case RoomSocket.FULL -> new SyncException(ErrorKind.REFUSED, room + " is full" + why);
            default -> new SyncException(ErrorKind.DISCONNECTED, room + " closed the connection (" + code + ")" + why);
        };
    }

    static SyncException noToken(RoomUrl room) {
        return new SyncException(
                ErrorKind.AUTHENTICATION, room + " lets in only who has its token, and ours is missing or wrong");
    }

    static SyncException malformed(String what) {
        return new SyncException(ErrorKind.MALFORMED, what);
    }

    /** The same failure as a dial or a listen has to tell it: with the address in it. */
    static SyncException at(RoomAddress address, SyncException failure) {
        ErrorKind kind = failure.kind() == ErrorKind.DISCONNECTED ? ErrorKind.UNREACHABLE : failure.kind();
        return new SyncException(kind, address + " is out of reach: " + text(failure), failure);
    }

    /** One line of it. */
    static String text(Throwable e) {
        return Reason.of(e);
    }

    /** Somebody else's text, safe to show. */
    static String shown(String text) {
        String cut = text.length() > 200 ? text.substring(0, 200) + "…" : text;
        return cut.replaceAll("[^\\x20-\\x7e…]", "?");
    }
}
