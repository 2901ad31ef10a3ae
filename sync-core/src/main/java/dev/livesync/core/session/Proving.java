package dev.livesync.core.session;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.auth.Agreement;
import dev.livesync.core.auth.Answer;
import dev.livesync.core.auth.Exchange;
import dev.livesync.core.auth.Greeting;
import dev.livesync.core.auth.Handshake;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The first phase of a channel: both ends prove the secret. Requests one message at a time and none too many, so that what
 * follows the proof is the session's.
 */
final class Proving implements Wire.Phase {
    /** Told how it goes, in the wire's mailbox. */
    interface Outcome {
        /** The acceptor's end has sent its proof. */
        default void proofSent(Proving proving) {}

        /** The proposer's end may {@link Proving#confirm}. */
        default void peerProved(Proving proving) {}

        /** Both ends have proved the secret. The wire is waiting for its next phase. */
        void proved(Proving proving, Agreement agreement);

        /** It came to nothing; the channel is closed or being aborted. Last. */
        void failed(Proving proving, SyncException failure);
    }

    private final Node node;
    private final String transport;
    private final Wire wire;
    private final Handshake handshake;
    private final Greeting greeting;
    private final boolean acceptor;
    private final ArrayDeque<Message> unsent = new ArrayDeque<>();
    private volatile Outcome outcome;
    private Runnable stopClock = () -> {};
    private boolean proofSent;
    private boolean over;
    private boolean handedOn;

    private Proving(
            Node node,
            String transport,
            Channel channel,
            BiFunction<Channel, Greeting, Handshake> handshake,
            boolean acceptor,
            Outcome outcome) {
        this.node = node;
        this.transport = transport;
        this.wire = new Wire(channel, node, this);
        this.greeting = node.greeting();
        this.handshake = handshake.apply(channel, greeting);
        this.acceptor = acceptor;
        this.outcome = outcome;
    }

    /** The end that dialled or accepted. */
    static Proving acceptor(
            Node node, String transport, Channel channel, Exchange exchange, @Nullable Answer answer, Outcome outcome) {
        return new Proving(
                node,
                transport,
                channel,
                (c, greeting) -> Handshake.acceptor(c.remote(), c.binding(), greeting, exchange, answer),
                true,
                outcome);
    }

    /** Whether this is the end that dialled or accepted. */
    boolean isAcceptor() {
        return acceptor;
    }

    /** The end that listens or offered. */
    static Proving proposer(
            Node node,
            String transport,
            Channel channel,
            Function<Optional<String>, Optional<Exchange>> exchanges,
            Outcome outcome) {
        return new Proving(
                node,
                transport,
                channel,
                (c, greeting) -> Handshake.proposer(c.remote(), c.binding(), greeting, exchanges),
                false,
                outcome);
    }

    /** Starts the channel and the clock. Once, any thread. */
    void begin() {
        wire.execute(() -> {
            if (over) {
                return;
            }
            patience(node.limits().proofTime());
            wire.start();
            send(handshake.begin());
            wire.channel().request(1);
        });
    }

    /** How many bytes of data our greeting grants. */
    long firstGrant() {
        return greeting.window();
    }

    Wire wire() {
        return wire;
    }

    String transport() {
        return transport;
    }

    String remote() {
        return wire.channel().remote();
    }

    Optional<Exchange> exchange() {
        return handshake.exchange();
    }

    boolean isAnswer(byte[] hash) {
        return handshake.isAnswer(hash);
    }

    /** Whether this end, an acceptor's, has shown its proof; what ends the channel then is likely a refusal. */
    boolean hasSentProof() {
        return proofSent;
    }

    boolean isOver() {
        return over;
    }

    /** Whoever is told from here on; in the mailbox, or before {@link #begin}. */
    void handTo(Outcome next) {
        outcome = next;
    }

    /** How long the peer may take from now on; in the mailbox. */
    void patience(Duration time) {
        stopClock.run();
        stopClock = node.schedule(
                time,
                () -> wire.execute(() -> fail(handshake
                        .endsInBetween()
                        .orElseGet(() -> new SyncException(
                                ErrorKind.TIMEOUT,
                                "the peer at " + remote() + " did not prove in time that it knows the secret")))));
    }

    /** Stops the clock; in the mailbox. */
    void waitForUs() {
        stopClock.run();
    }

    /** Proves this end, a proposer's, to the acceptor; in the mailbox, after {@link Outcome#peerProved}. */
    void confirm(@Nullable Answer answer) {
        send(handshake.confirm(answer));
    }

    /** Turns the peer away and tells it why, but not the outcome; any thread. */
    void refuse(SyncException reason) {
        wire.execute(() -> {
            if (!over) {
                over = true;
                stopClock.run();
                part(reason);
            }
        });
    }

    /** Gives up, without telling the outcome or, in words, the peer; any thread. */
    void abandon(SyncException reason) {
        wire.execute(() -> {
            if (!over) {
                over = true;
                stopClock.run();
            }
        });
        wire.channel().abort(reason);
    }

    @Override
    public void message(Message message) {
        if (over) {
            return;
        }
        List<Message> replies;
        try {
            replies = handshake.receive(message);
        } catch (SyncException e) {
            fail(e);
            return;
        }
        send(replies);
        if (handshake.done()) {
            return;
        }
        if (handshake.peerProved()) {
            outcome.peerProved(this);
        } else {
            wire.channel().request(1);
            if (acceptor) {
                proofSent = true;
                outcome.proofSent(this);
            }
        }
    }

    @Override
    public void room() {
        send(List.of());
    }

    @Override
    public void sendFailed(SyncException failure) {
        // A channel that has ended says so itself, and what it had delivered before is still to come: a refusal, say.
        if (failure.kind() != ErrorKind.DISCONNECTED && failure.kind() != ErrorKind.CLOSED) {
            fail(failure);
        }
    }

    @Override
    public void closed(CloseReason reason) {
        fail(handshake
                .endsInBetween()
                .orElseGet(() -> new SyncException(
                        ErrorKind.DISCONNECTED,
                        handshake.metPeer()
                                ? "the peer at " + remote()
                                        + " went away in the middle of the handshake, without a word"
                                : "the peer at " + remote()
                                        + " closed the channel before any proof, without a word: it is no LiveSync peer, or it was stopped",
                        reason.failure())));
    }

    @Override
    public void crashed(SyncException failure) {
        if (handedOn) {
            // And no session has taken the wire: code that was plugged in broke before.
            wire.channel().abort(failure);
            outcome.failed(this, failure);
        } else {
            fail(failure);
        }
    }

    @Override
    public void refused(SyncException failure) {
        wire.channel().abort(failure);
        outcome.failed(this, failure);
    }

    private void fail(SyncException failure) {
        if (!over) {
            over = true;
            stopClock.run();
            part(failure);
            outcome.failed(this, failure);
        }
    }

    /** Says why, to a peer that would understand it. */
    private void part(SyncException why) {
        unsent.clear();
        if (handshake.metPeer() && !handshake.toldByPeer()) {
            node.farewells().sayAndClose(wire, why);
        } else {
            wire.channel().abort(why);
        }
    }

    private void send(List<Message> messages) {
        unsent.addAll(messages);
        while (wire.hasRoom() && !unsent.isEmpty()) {
            wire.send(unsent.remove());
        }
        if (handshake.done() && unsent.isEmpty() && !over) {
            over = true;
            stopClock.run();
            handedOn = true;
            outcome.proved(this, handshake.agreement());
        }
    }
}
