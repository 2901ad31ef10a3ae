package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import org.jspecify.annotations.Nullable;

/** Creates the exceptions of the WebRTC transport. */
final class WebRtcFailures {
    private WebRtcFailures() {}

    static SyncException closed() {
        return new SyncException(ErrorKind.CLOSED, "the WebRTC transport is closed");
    }

    static SyncException internal(String doing, Throwable cause) {
        return cause instanceof SyncException e
                ? e
                : new SyncException(ErrorKind.INTERNAL, doing + " failed: " + text(cause), cause);
    }

    /** Describes an exception in one line. */
    static String text(@Nullable Throwable e) {
        return e == null ? "" : Reason.of(e);
    }
}
