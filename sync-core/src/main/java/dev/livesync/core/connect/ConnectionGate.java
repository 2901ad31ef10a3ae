package dev.livesync.core.connect;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Admission;
import dev.livesync.api.internal.CallerAddress;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.core.handshake.Agreement;
import dev.livesync.core.handshake.Exchange;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Accepts channels and lets a peer in once it has proved the secret. So many peers may try at a time as {@link Admission} says, and each for
 * a limited time. A refused peer has seen a hello and an error message, and nothing else. Any thread.
 */
final class ConnectionGate implements ChannelAcceptor, HandshakeRunner.Outcome {
    private final SyncContext context;
    private final String transport;
    private final Function<Optional<String>, Optional<Exchange>> exchanges;
    private final Consumer<HandshakeRunner> next;
    private final Admission<HandshakeRunner> admission;
    private volatile @Nullable SyncException closed;

    /**
     * Makes an open gate.
     *
     * @param context for limits, time and listeners
     * @param transport the id of the transport that brings the channels
     * @param exchanges the secrets that open it: by the handle of an offer, or without one
     * @param next takes over each channel whose peer has proved the secret, in that channel's mailbox
     */
    ConnectionGate(
            SyncContext context,
            String transport,
            Function<Optional<String>, Optional<Exchange>> exchanges,
            Consumer<HandshakeRunner> next) {
        this.context = context;
        this.transport = transport;
        this.exchanges = exchanges;
        this.next = next;
        this.admission = new Admission<>(
                context.tunables().unproved(),
                context.tunables().unprovedOfAddress(),
                context.firstMessageTime().toNanos(),
                context::now);
    }

    @Override
    public void accept(Channel channel) {
        SyncException refusal = closed;
        if (refusal != null) {
            turnAway(channel, refusal);
            return;
        }
        HandshakeRunner runner = HandshakeRunner.proposer(context, transport, channel, exchanges, this);
        Admission.Verdict<HandshakeRunner> verdict = admission.admit(runner, CallerAddress.of(channel.remote()));
        HandshakeRunner evicted = verdict.evicted();
        if (evicted != null) {
            SyncException why = crowded(evicted.remote());
            evicted.refuse(why);
            context.later(() -> refused(evicted.remote(), why)); // this is the transport's thread
        }
        if (!verdict.admitted()) {
            turnAway(channel, crowded(channel.remote()));
            return;
        }
        runner.begin(context.firstMessageTime());
        SyncException meanwhile = closed;
        if (meanwhile != null) {
            runner.refuse(meanwhile); // close() may have come before it had a place
        }
    }

    private void turnAway(Channel channel, SyncException why) {
        context.refusals().sayAndClose(channel, why);
        context.later(() -> refused(channel.remote(), why)); // as above
    }

    private static SyncException crowded(String remote) {
        return new SyncException(
                ErrorKind.REFUSED, "too many callers who have not proved the secret, " + remote + " is turned away");
    }

    @Override
    public void spoke(HandshakeRunner runner) {
        admission.spoke(runner);
    }

    @Override
    public void peerProved(HandshakeRunner runner) {
        admission.leave(runner);
        SyncException late = closed;
        if (late == null) {
            next.accept(runner);
        } else {
            runner.refuse(late);
        }
    }

    @Override
    public void proved(HandshakeRunner runner, Agreement agreement) {
        // Only whoever took over confirms, and hears of it.
        runner.abandon(SyncFailures.closed());
    }

    @Override
    public void failed(HandshakeRunner runner, SyncException failure) {
        admission.leave(runner);
        refused(runner.remote(), failure);
    }

    /** Refuses all peers that haven't proved the secret yet, and all that come later. */
    void close(SyncException reason) {
        closed = reason;
        admission.clear().forEach(runner -> runner.refuse(reason));
    }

    private void refused(String remote, SyncException why) {
        context.tell(listener -> listener.refused(remote, why));
    }
}
