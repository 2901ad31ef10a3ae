package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import java.util.concurrent.CompletableFuture;

/** Creates the futures of channels that are being opened. */
final class Attempts {
    private Attempts() {}

    /** Ends a channel when a future that stands for it is cancelled. */
    static void abandonIfCancelled(CompletableFuture<?> future, WebRtcChannel channel) {
        var unused = future.whenComplete((value, failure) -> {
            if (future.isCancelled()) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "the attempt was cancelled"));
            }
        });
    }

    /** Creates a future that completes with the channel when it opens. If the future is cancelled, the channel is ended. */
    static CompletableFuture<Channel> opening(WebRtcChannel channel) {
        CompletableFuture<Channel> future = new CompletableFuture<>();
        var unused = channel.whenOpen().whenComplete((opened, failure) -> {
            if (failure != null) {
                future.completeExceptionally(failure);
            } else {
                future.complete(opened);
            }
        });
        abandonIfCancelled(future, channel);
        return future;
    }
}
