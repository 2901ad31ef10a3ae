package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import java.util.concurrent.CompletableFuture;

/** What users get while a channel is about to be. */
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

    /** A future that gets the channel when it opens, and ends it if nobody waits any more. */
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
