package dev.livesync.core.connect;

import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.core.handshake.Extension;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.session.Agreement;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.SessionFactory;
import dev.livesync.core.session.SessionRegistry;
import dev.livesync.core.session.SessionRunner;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An offer of a transport that signals for itself. After an answer with our extension both ends prove the secret. An answer without it
 * comes from an alpha, if those are allowed, with which the alpha's protocol is spoken from the first byte. Any thread.
 */
final class SignalledOffer extends PendingOffer {
    private final SignallingTransport.Offer half;
    private @Nullable Attempt<Session> connecting;

    private SignalledOffer(
            SyncContext context,
            Offers offers,
            String transport,
            SignallingTransport.Offer half,
            @Nullable OfferGrant grant) {
        super(context, offers, transport, half.signal().fields(), null, grant);
        this.half = half;
    }

    static void make(
            SyncContext context,
            Offers offers,
            String id,
            SignallingTransport transport,
            @Nullable OfferGrant grant,
            Attempt<OpenOffer> attempt) {
        CompletableFuture<SignallingTransport.Offer> made = transport.offer().toCompletableFuture();
        attempt.holds(reason -> made.cancel(false));
        var unused = made.whenComplete((half, thrown) -> {
            if (thrown != null) {
                attempt.fail(SyncFailures.of("making an offer over " + id, thrown));
            } else if (attempt.isSettled()) {
                half.close();
            } else {
                attempt.holds(reason -> half.close());
                attempt.step("making an offer over " + id, () -> {
                    SignalledOffer offer = new SignalledOffer(context, offers, id, half, grant);
                    attempt.holds(reason -> offer.close());
                    offer.open();
                    attempt.succeed(offer);
                });
            }
        });
    }

    @Override
    boolean isForAlphas() {
        return givesEverything();
    }

    @Override
    void connect(SignalText text, Attempt<Session> attempt) {
        if (text.extension() == null) {
            requireAlphaAllowed();
        }
        synchronized (half) {
            if (connecting != null) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "an answer to this offer is in use already");
            }
            connecting = attempt;
        }
        if (hasEnded()) {
            throw OfferFailures.foreign();
        }
        SessionRegistry.Registration registration = context.registry().reserve(SessionStatus.CONNECTING);
        attempt.holds(reason -> context.registry().release(registration, reason));
        CompletableFuture<Channel> connected = half.connect(text.signal()).toCompletableFuture();
        attempt.holds(reason -> {
            connected.cancel(false);
            context.registry().release(registration, reason);
        });
        var unused = connected.whenComplete((channel, thrown) -> {
            if (thrown != null) {
                failed(attempt, SyncFailures.of("connecting the answer over " + transport, thrown));
            } else if (attempt.isSettled()) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for this connection any more"));
                close();
            } else {
                attempt.step(
                        "connecting the answer over " + transport,
                        channel,
                        () -> opened(channel, registration, text, attempt));
            }
        });
    }

    private void failed(Attempt<Session> attempt, SyncException failure) {
        synchronized (half) {
            connecting = null;
        }
        attempt.fail(failure);
        if (failure.kind() != ErrorKind.MALFORMED) {
            end(OfferFailures.foreign());
        }
    }

    private void opened(
            Channel channel, SessionRegistry.Registration registration, SignalText text, Attempt<Session> attempt) {
        Extension extension = text.extension();
        if (extension == null) {
            attempt.holds(reason -> {
                channel.abort(reason);
                context.registry().release(registration, reason);
            });
            SessionFactory.alpha(context, registration, transport, channel, session -> done(session, attempt));
            return;
        }
        Credential credential = credential(text, extension);
        HandshakeRunner runner = HandshakeRunner.responder(context, transport, channel, new HandshakeRunner.Outcome() {
            @Override
            public void called(HandshakeRunner p) {
                p.answer(() -> open(p, credential), name -> mayRead(p));
            }

            @Override
            public void proved(HandshakeRunner p, Agreement agreement) {
                SessionRunner session;
                try {
                    session = begin(registration, p, agreement, attempt);
                } catch (SyncException e) {
                    SignalledOffer.this.failed(attempt, e);
                    return;
                }
                done(session, attempt);
            }

            @Override
            public void failed(HandshakeRunner p, SyncException failure) {
                SignalledOffer.this.failed(attempt, failure);
            }
        });
        attempt.holds(reason -> {
            runner.abandon(reason);
            context.registry().release(registration, reason);
        });
        runner.begin();
    }

    private void done(SessionRunner session, Attempt<Session> attempt) {
        attempt.holds(reason -> {});
        synchronized (half) {
            connecting = null;
        }
        attempt.succeed(session);
        end(OfferFailures.foreign());
    }

    @Override
    void letGo(SyncException reason) {
        Attempt<Session> pending;
        synchronized (half) {
            pending = connecting;
        }
        if (pending != null) {
            pending.fail(reason);
        }
        context.later(half::close);
    }
}
