package dev.livesync.core.session;

import dev.livesync.Proposal;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.core.auth.Agreement;
import dev.livesync.core.auth.Answer;
import dev.livesync.core.signal.Extension;
import dev.livesync.core.signal.SignalText;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An offer of a transport that signals for itself. An answer with our extension is followed by the proof, one without is an
 * alpha's, which gets its own protocol from the first byte. Any thread.
 */
final class SignalledOffer extends OpenOffer {
    private final SignallingTransport.Offer half;
    private @Nullable Attempt<Session> connecting;

    private SignalledOffer(Node node, Offers offers, String transport, SignallingTransport.Offer half) {
        super(node, offers, transport, half.signal().fields(), null);
        this.half = half;
    }

    static void make(Node node, Offers offers, String id, SignallingTransport transport, Attempt<Proposal> attempt) {
        CompletableFuture<SignallingTransport.Offer> made = transport.offer().toCompletableFuture();
        attempt.holds(reason -> made.cancel(false));
        var unused = made.whenComplete((half, thrown) -> {
            if (thrown != null) {
                attempt.fail(Failures.of("making an offer over " + id, thrown));
            } else if (attempt.isSettled()) {
                half.close();
            } else {
                attempt.holds(reason -> half.close());
                attempt.step("making an offer over " + id, () -> {
                    SignalledOffer offer = new SignalledOffer(node, offers, id, half);
                    attempt.holds(reason -> offer.close());
                    offer.open();
                    attempt.succeed(offer);
                });
            }
        });
    }

    @Override
    boolean isForAlphas() {
        return true;
    }

    @Override
    void connect(SignalText text, Attempt<Session> attempt) {
        synchronized (half) {
            if (connecting != null) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "an answer to this offer is in use already");
            }
            connecting = attempt;
        }
        if (hasEnded()) {
            throw Offers.foreign();
        }
        Slots.Slot slot = node.slots().reserve(SessionStatus.CONNECTING);
        attempt.holds(reason -> node.slots().release(slot, reason));
        CompletableFuture<Channel> connected = half.connect(text.signal()).toCompletableFuture();
        attempt.holds(reason -> {
            connected.cancel(false);
            node.slots().release(slot, reason);
        });
        var unused = connected.whenComplete((channel, thrown) -> {
            if (thrown != null) {
                failed(attempt, Failures.of("connecting the answer over " + transport, thrown));
            } else if (attempt.isSettled()) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for this connection any more"));
                close();
            } else {
                attempt.step(
                        "connecting the answer over " + transport, channel, () -> opened(channel, slot, text, attempt));
            }
        });
    }

    private void failed(Attempt<Session> attempt, SyncException failure) {
        synchronized (half) {
            connecting = null;
        }
        attempt.fail(failure);
        if (failure.kind() != ErrorKind.MALFORMED) {
            end(Offers.foreign());
        }
    }

    private void opened(Channel channel, Slots.Slot slot, SignalText text, Attempt<Session> attempt) {
        Extension extension = text.extension();
        if (extension == null) {
            attempt.holds(reason -> {
                channel.abort(reason);
                node.slots().release(slot, reason);
            });
            Sessions.alpha(node, slot, transport, channel, session -> done(session, attempt));
            return;
        }
        Answer answer = answer(text, extension);
        Proving proving = Proving.proposer(
                node,
                transport,
                channel,
                handle -> handle.filter(id()::equals).map(h -> exchange()),
                new Proving.Outcome() {
                    @Override
                    public void peerProved(Proving p) {
                        if (p.isAnswer(answer.hash())) {
                            p.confirm(answer);
                        } else {
                            SyncException other = new SyncException(
                                    ErrorKind.AUTHENTICATION,
                                    "the peer at " + p.remote() + " did not prove that it knows the secret");
                            p.refuse(other);
                            SignalledOffer.this.failed(attempt, other);
                        }
                    }

                    @Override
                    public void proved(Proving p, Agreement agreement) {
                        attempt.holds(reason -> {});
                        done(Sessions.proved(node, slot, p, agreement), attempt);
                    }

                    @Override
                    public void failed(Proving p, SyncException failure) {
                        SignalledOffer.this.failed(attempt, failure);
                    }
                });
        attempt.holds(reason -> {
            proving.abandon(reason);
            node.slots().release(slot, reason);
        });
        proving.begin();
    }

    private void done(SessionRunner session, Attempt<Session> attempt) {
        attempt.holds(reason -> {});
        synchronized (half) {
            connecting = null;
        }
        attempt.succeed(session);
        end(Offers.foreign());
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
        node.later(half::close);
    }
}
