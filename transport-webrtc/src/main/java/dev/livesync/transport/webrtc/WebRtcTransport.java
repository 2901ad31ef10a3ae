package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.TransportContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Offers and accepts. */
final class WebRtcTransport implements SignallingTransport {
    private final NativeRuntime runtime;
    private final Belongings belongings;

    WebRtcTransport(WebRtcConfiguration configuration, TransportContext context) {
        this.runtime = NativeRuntime.acquire();
        this.belongings = new Belongings(configuration, context, runtime);
    }

    @Override
    public CompletionStage<Offer> offer() {
        return begin(Signal.Kind.OFFER, null, (channel, ours) -> new WebRtcOffer(belongings.context(), channel, ours));
    }

    @Override
    public CompletionStage<Answer> accept(Signal offer) {
        try {
            SessionDescription theirs = SessionDescription.offer(offer);
            return begin(Signal.Kind.ANSWER, theirs, (channel, ours) -> {
                channel.describe(theirs, theirs.fingerprint(), ours.fingerprint());
                return new WebRtcAnswer(channel, ours);
            });
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Has a peer describe itself and makes the half of an exchange of it. */
    private <T> CompletionStage<T> begin(
            Signal.Kind kind,
            @Nullable SessionDescription offer,
            BiFunction<WebRtcChannel, SessionDescription, T> half) {
        WebRtcChannel channel;
        try {
            channel = belongings.channel();
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<T> made = new CompletableFuture<>();
        var unused = channel.whenDescribed().whenComplete((sdp, failure) -> {
            if (failure != null) {
                made.completeExceptionally(failure);
                return;
            }
            try {
                SessionDescription ours = SessionDescription.of(kind, sdp);
                if (!ours.hasAddress()) {
                    throw new SyncException(ErrorKind.CONFIGURATION, belongings.noAddress());
                }
                made.complete(half.apply(
                        channel, ours.withMaxMessage(belongings.context().maxMessageBytes())));
            } catch (RuntimeException e) {
                SyncException wrapped = Failures.internal("describing this side", e);
                channel.abort(wrapped);
                made.completeExceptionally(wrapped);
            }
        });
        Attempts.abandonIfCancelled(made, channel);
        channel.begin(offer);
        return made;
    }

    @Override
    public void close() {
        if (belongings.close()) {
            runtime.settle();
            runtime.release();
        }
    }
}
