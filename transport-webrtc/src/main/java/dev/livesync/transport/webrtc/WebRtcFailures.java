package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import org.jspecify.annotations.Nullable;

/** What goes wrong, in our words. */
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

    /** One line of it. */
    static String text(@Nullable Throwable e) {
        return e == null ? "" : Reason.of(e);
    }
}
