package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What the platform throws, in our words. */
final class Failures {
    private Failures() {}

    static SyncException closed() {
        return new SyncException(ErrorKind.CLOSED, "the WebSocket transport is closed");
    }

    /** A connection that broke. */
    static SyncException disconnected(String remote, @Nullable Throwable cause) {
        return new SyncException(
                ErrorKind.DISCONNECTED,
                cause == null
                        ? remote + " closed the connection without saying goodbye"
                        : "the connection to " + remote + " broke: " + text(cause),
                cause);
    }

    /** A dial that ended during a handshake. */
    static SyncException handshake(String address, @Nullable IOException cause) {
        if (cause == null) {
            return new SyncException(ErrorKind.REFUSED, address + " closed the connection before answering");
        }
        for (Throwable e = cause; e != null; e = e.getCause()) {
            if (e instanceof CertificateException) {
                return new SyncException(
                        ErrorKind.AUTHENTICATION,
                        "the certificate of " + address + " is not trusted: " + text(e)
                                + "; add it to pinnedCertificates, or trust its issuer",
                        cause);
            }
        }
        if (cause instanceof SSLException) {
            boolean plain = text(cause).toLowerCase(Locale.ROOT).contains("unrecognized ssl message");
            return new SyncException(
                    plain ? ErrorKind.UNREACHABLE : ErrorKind.REFUSED,
                    plain ? address + " does not speak TLS" : "TLS with " + address + " failed: " + text(cause),
                    cause);
        }
        return new SyncException(
                ErrorKind.REFUSED, address + " broke the connection before answering: " + text(cause), cause);
    }

    /** One line of it. */
    static String text(Throwable e) {
        return Reason.of(e);
    }
}
