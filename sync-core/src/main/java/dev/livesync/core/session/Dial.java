package dev.livesync.core.session;

import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.core.auth.Agreement;
import dev.livesync.core.auth.Exchange;
import dev.livesync.core.auth.Secret;
import dev.livesync.core.transports.Candidate;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Dials an address and proves its secret. */
final class Dial implements Proving.Outcome {
    private final Node node;
    private final Slots.Slot slot;
    private final Attempt<Session> attempt;

    private Dial(Node node, Attempt<Session> attempt) {
        this.node = node;
        this.attempt = attempt;
        this.slot = node.slots().reserve(SessionStatus.CONNECTING);
    }

    /** Begins; on the executor. */
    static void begin(
            Node node,
            Candidate candidate,
            DialingTransport transport,
            String address,
            Secret secret,
            Attempt<Session> attempt) {
        Dial dial = new Dial(node, attempt);
        Consumer<SyncException> release = reason -> node.slots().release(dial.slot, reason);
        attempt.holds(release);
        channel(transport, address, attempt, release, channel -> {
            Proving proving = Proving.acceptor(node, candidate.id(), channel, Exchange.address(secret), null, dial);
            attempt.holds(reason -> {
                proving.abandon(reason);
                release.accept(reason);
            });
            proving.begin();
        });
    }

    /** Dials on behalf of an attempt, which from here on holds the dial too. */
    static void channel(
            DialingTransport transport,
            String address,
            Attempt<?> attempt,
            Consumer<SyncException> undo,
            Consumer<Channel> then) {
        CompletableFuture<Channel> dialled = transport.dial(address).toCompletableFuture();
        attempt.holds(reason -> {
            dialled.cancel(false);
            undo.accept(reason);
        });
        var unused = dialled.whenComplete((channel, thrown) -> {
            if (thrown != null) {
                attempt.fail(Failures.of("dialling " + address, thrown));
            } else if (attempt.isSettled()) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for this connection any more"));
            } else {
                attempt.step("dialling " + address, channel, () -> then.accept(channel));
            }
        });
    }

    @Override
    public void proved(Proving proving, Agreement agreement) {
        attempt.holds(reason -> {});
        attempt.succeed(Sessions.proved(node, slot, proving, agreement));
    }

    @Override
    public void failed(Proving proving, SyncException failure) {
        attempt.fail(failure);
    }
}
