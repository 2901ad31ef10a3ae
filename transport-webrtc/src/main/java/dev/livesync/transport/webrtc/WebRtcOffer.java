package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.TransportContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The proposer's half of an exchange. */
final class WebRtcOffer implements SignallingTransport.Offer {
    private final TransportContext context;
    private final WebRtcChannel channel;
    private final SessionDescription ours;
    private final String mid;
    private final Signal signal;

    private @Nullable CompletableFuture<Channel> attempt;
    private boolean closed;

    WebRtcOffer(TransportContext context, WebRtcChannel channel, SessionDescription ours) {
        this.context = context;
        this.channel = channel;
        this.ours = ours;
        this.mid = ours.ownMid();
        this.signal = ours.withMid(mid).signal();
    }

    @Override
    public Signal signal() {
        return signal;
    }

    @Override
    public CompletionStage<Channel> connect(Signal answer) {
        CompletableFuture<Channel> own;
        SessionDescription theirs;
        try {
            theirs = SessionDescription.answer(answer);
            if (!theirs.mid().equals(mid)) {
                throw new SyncException(
                        ErrorKind.MALFORMED, "this is the answer to another offer, perhaps to an earlier one");
            }
            synchronized (this) {
                if (closed) {
                    throw gone();
                }
                if (attempt != null) {
                    throw new SyncException(ErrorKind.INVALID_ARGUMENT, "an answer to this offer is in use already");
                }
                own = Attempts.opening(channel);
                attempt = own;
            }
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
        channel.describe(theirs, ours.fingerprint(), theirs.fingerprint());
        TransportContext.Cancellable timer = context.scheduler()
                .schedule(
                        context.connectTimeout(),
                        () -> channel.abort(new SyncException(
                                ErrorKind.TIMEOUT,
                                theirs.remote() + " was not reached within "
                                        + context.connectTimeout().toMillis() + " ms")));
        var unused = own.whenComplete((opened, failure) -> timer.cancel());
        channel.connect(theirs.withMid(ours.mid()), refusal -> {
            synchronized (this) {
                attempt = null;
            }
            own.completeExceptionally(refusal);
        });
        return own;
    }

    private static SyncException gone() {
        return new SyncException(ErrorKind.CLOSED, "the offer was closed");
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        channel.abortUnlessOpen(gone());
    }
}
