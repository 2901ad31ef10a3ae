package dev.livesync.core.session;

import dev.livesync.Acceptance;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.core.auth.Answer;
import dev.livesync.core.auth.Exchange;
import dev.livesync.core.auth.Secret;
import dev.livesync.core.signal.Extension;
import dev.livesync.core.signal.SignalText;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Takes up an offer of a transport that signals for itself. An offer without our extension is an alpha's: the answer is then
 * one that an alpha could have written, and so is all that follows.
 */
final class SignalledAcceptance extends PendingAcceptance {
    private final String transport;
    private final SignallingTransport.Answer half;
    private final @Nullable Exchange exchange;
    private final @Nullable Answer answer;

    private SignalledAcceptance(
            Node node,
            String transport,
            SignallingTransport.Answer half,
            SignalText text,
            @Nullable Exchange exchange,
            @Nullable Answer answer) {
        super(node, text);
        this.transport = transport;
        this.half = half;
        this.exchange = exchange;
        this.answer = answer;
    }

    /** Begins; on the executor. */
    static void begin(
            Node node, String id, SignallingTransport transport, SignalText offer, Attempt<Acceptance> accepting) {
        accepting.deadline(node.limits().connectTime(), () -> Offers.late("answering the offer"));
        CompletableFuture<SignallingTransport.Answer> made =
                transport.accept(offer.signal()).toCompletableFuture();
        accepting.holds(reason -> made.cancel(false));
        var unused = made.whenComplete((half, thrown) -> {
            if (thrown != null) {
                accepting.fail(Failures.of("answering the offer over " + id, thrown));
            } else if (accepting.isSettled()) {
                half.close();
            } else {
                accepting.holds(reason -> half.close());
                accepting.step("answering the offer over " + id, () -> {
                    SignalledAcceptance acceptance = answered(node, id, half, offer);
                    accepting.holds(reason -> acceptance.close());
                    acceptance.await();
                    accepting.succeed(acceptance);
                });
            }
        });
    }

    private static SignalledAcceptance answered(
            Node node, String id, SignallingTransport.Answer half, SignalText offer) {
        Extension theirs = offer.extension();
        if (theirs == null) {
            return new SignalledAcceptance(node, id, half, SignalText.write(half.signal(), null), null, null);
        }
        Secret secret = node.random(Secret::generate);
        SignalText text =
                SignalText.write(half.signal(), new Extension(theirs.id(), id, secret, Node.features(), null));
        return new SignalledAcceptance(
                node,
                id,
                half,
                text,
                new Exchange(theirs.secret(), theirs.id(), offer.hash()),
                new Answer(secret, text.hash()));
    }

    /** Waits for the proposer to connect. */
    private void await() {
        CompletableFuture<Channel> connected = half.channel().toCompletableFuture();
        session.holds(this::release);
        startClock();
        var unused = connected.whenComplete((channel, thrown) -> {
            if (thrown != null) {
                session.fail(Failures.of("waiting for the proposer over " + transport, thrown));
            } else if (session.isSettled()) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for this connection any more"));
            } else {
                session.step("opening the channel over " + transport, channel, () -> opened(channel));
            }
        });
    }

    private void opened(Channel channel) {
        if (exchange == null) {
            session.holds(reason -> {
                channel.abort(reason);
                release(reason);
            });
            Sessions.alpha(node, slot, transport, channel, opened -> {
                session.holds(reason -> {});
                session.succeed(opened);
            });
            return;
        }
        Proving proving = Proving.acceptor(node, transport, channel, exchange, answer, this);
        session.holds(reason -> {
            proving.abandon(reason);
            release(reason);
        });
        proving.begin();
    }

    private void release(SyncException reason) {
        node.slots().release(slot, reason);
        node.later(half::close);
    }

    @Override
    public void failed(Proving proving, SyncException failure) {
        session.fail(failure);
    }
}
