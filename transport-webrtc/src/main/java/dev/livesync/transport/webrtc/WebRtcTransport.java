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

/** The WebRTC transport, which offers and accepts. */
final class WebRtcTransport implements SignallingTransport {
    private final NativeRuntime runtime;
    private final ChannelRegistry registry;

    WebRtcTransport(WebRtcConfiguration configuration, TransportContext context) {
        this.runtime = NativeRuntime.acquire();
        this.registry = new ChannelRegistry(configuration, context, runtime);
    }

    @Override
    public CompletionStage<Offer> offer() {
        return begin(Signal.Kind.OFFER, null, (channel, ours) -> new WebRtcOffer(registry.context(), channel, ours));
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

    /** Creates a channel with its description, and makes one half of an exchange of it. */
    private <T> CompletionStage<T> begin(
            Signal.Kind kind,
            @Nullable SessionDescription offer,
            BiFunction<WebRtcChannel, SessionDescription, T> half) {
        WebRtcChannel channel;
        try {
            channel = registry.channel();
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
                    throw new SyncException(ErrorKind.CONFIGURATION, registry.noAddress());
                }
                made.complete(half.apply(
                        channel, ours.withMaxMessage(registry.context().maxMessageBytes())));
            } catch (RuntimeException e) {
                SyncException wrapped = WebRtcFailures.internal("describing this side", e);
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
        if (registry.close()) {
            runtime.settle();
            runtime.release();
        }
    }
}
