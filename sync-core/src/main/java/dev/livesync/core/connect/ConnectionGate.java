package dev.livesync.core.connect;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Admission;
import dev.livesync.api.internal.CallerAddress;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.core.session.Agreement;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import org.jspecify.annotations.Nullable;

/**
 * Accepts channels and lets a peer in once it has proved the secret. So many peers may try at a time as {@link Admission} says, and each for
 * a limited time. A refused peer has seen an error message, and nothing else. Any thread.
 */
final class ConnectionGate implements ChannelAcceptor, HandshakeRunner.Outcome {
    /** Who answers the callers at a gate. Called in the channel's mailbox. */
    interface CallHandler {
        /**
         * Somebody has sent a first message. Who is called has it answered, or {@linkplain ConnectionGate#release releases} it and takes over.
         */
        void called(HandshakeRunner runner);

        /** Somebody has proved the secret. */
        void proved(HandshakeRunner runner, Agreement agreement);
    }

    private final SyncContext context;
    private final String transport;
    private final CallHandler handler;
    private final Admission<HandshakeRunner> admission;
    private volatile @Nullable SyncException closed;

    /**
     * Makes an open gate.
     *
     * @param context for limits, time and listeners
     * @param transport the id of the transport that brings the channels
     * @param handler answers the callers
     */
    ConnectionGate(SyncContext context, String transport, CallHandler handler) {
        this.context = context;
        this.transport = transport;
        this.handler = handler;
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
        HandshakeRunner runner = HandshakeRunner.responder(context, transport, channel, this);
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
            runner.turnAway(meanwhile); // close() may have come before it had a place
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
    public void called(HandshakeRunner runner) {
        admission.spoke(runner);
        handler.called(runner);
    }

    /** Somebody else takes care of this caller, who counts as a stranger no more. False if nobody is let in any more. */
    boolean release(HandshakeRunner runner) {
        admission.leave(runner);
        return closed == null;
    }

    @Override
    public void proved(HandshakeRunner runner, Agreement agreement) {
        admission.leave(runner);
        if (context.isClosed()) {
            runner.abandon(SyncFailures.closed());
        } else {
            handler.proved(runner, agreement);
        }
    }

    @Override
    public void failed(HandshakeRunner runner, SyncException failure) {
        admission.leave(runner);
        if (!context.isClosed()) {
            refused(runner.remote(), failure);
        }
    }

    /** Refuses all peers that weren't answered yet, and all that come later. */
    void close(SyncException reason) {
        closed = reason;
        admission.clear().forEach(runner -> runner.turnAway(reason));
    }

    private void refused(String remote, SyncException why) {
        context.tell(listener -> listener.refused(remote, why));
    }
}
