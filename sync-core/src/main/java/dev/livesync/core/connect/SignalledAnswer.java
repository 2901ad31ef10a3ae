package dev.livesync.core.connect;

import dev.livesync.OpenAnswer;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.core.handshake.Extension;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.SessionFactory;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Takes up an offer of a transport that signals for itself. An offer without our extension comes from an alpha: the answer and everything
 * after it are then what an alpha would send.
 */
final class SignalledAnswer extends PendingAnswer {
    private final String transport;
    private final SignallingTransport.Answer half;
    private final @Nullable Credential credential;

    private SignalledAnswer(
            SyncContext context,
            String transport,
            SignallingTransport.Answer half,
            SignalText text,
            @Nullable Credential credential) {
        super(context, text);
        this.transport = transport;
        this.half = half;
        this.credential = credential;
    }

    /** Begins; on the executor. */
    static void begin(
            SyncContext context,
            String id,
            SignallingTransport transport,
            SignalText offer,
            Attempt<OpenAnswer> accepting) {
        accepting.deadline(context.limits().connectTime(), () -> OfferFailures.late("answering the offer"));
        CompletableFuture<SignallingTransport.Answer> made =
                transport.accept(offer.signal()).toCompletableFuture();
        accepting.holds(reason -> made.cancel(false));
        var unused = made.whenComplete((half, thrown) -> {
            if (thrown != null) {
                accepting.fail(SyncFailures.of("answering the offer over " + id, thrown));
            } else if (accepting.isSettled()) {
                half.close();
            } else {
                accepting.holds(reason -> half.close());
                accepting.step("answering the offer over " + id, () -> {
                    SignalledAnswer acceptance = answered(context, id, half, offer);
                    accepting.holds(reason -> acceptance.close());
                    acceptance.await();
                    accepting.succeed(acceptance);
                });
            }
        });
    }

    private static SignalledAnswer answered(
            SyncContext context, String id, SignallingTransport.Answer half, SignalText offer) {
        Extension theirs = offer.extension();
        if (theirs == null) {
            return new SignalledAnswer(context, id, half, SignalText.write(half.signal(), null), null);
        }
        Secret secret = context.random(Secret::generate);
        SignalText text =
                SignalText.write(half.signal(), new Extension(theirs.id(), id, secret, context.featureNames(), null));
        return new SignalledAnswer(
                context,
                id,
                half,
                text,
                Credential.offer(theirs.secret(), offer.hash(), secret, text.hash(), context.database()));
    }

    /** Waits for the proposer to connect. */
    private void await() {
        CompletableFuture<Channel> connected = half.channel().toCompletableFuture();
        session.holds(this::release);
        startClock();
        var unused = connected.whenComplete((channel, thrown) -> {
            if (thrown != null) {
                session.fail(SyncFailures.of("waiting for the proposer over " + transport, thrown));
            } else if (session.isSettled()) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for this connection any more"));
            } else {
                session.step("opening the channel over " + transport, channel, () -> opened(channel));
            }
        });
    }

    private void opened(Channel channel) {
        if (credential == null) {
            session.holds(reason -> {
                channel.abort(reason);
                release(reason);
            });
            SessionFactory.alpha(context, registration, transport, channel, opened -> {
                session.holds(reason -> {});
                session.succeed(opened);
            });
            return;
        }
        HandshakeRunner runner = HandshakeRunner.initiator(context, transport, channel, credential, this);
        session.holds(reason -> {
            runner.abandon(reason);
            release(reason);
        });
        runner.begin();
    }

    private void release(SyncException reason) {
        context.registry().release(registration, reason);
        context.later(half::close);
    }

    @Override
    public void failed(HandshakeRunner runner, SyncException failure) {
        session.fail(failure);
    }
}
