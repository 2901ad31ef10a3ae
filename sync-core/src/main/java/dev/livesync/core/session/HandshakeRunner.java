package dev.livesync.core.session;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Agreement;
import dev.livesync.core.handshake.AnswerSecret;
import dev.livesync.core.handshake.Exchange;
import dev.livesync.core.handshake.Greeting;
import dev.livesync.core.handshake.Handshake;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The first phase of a channel: both ends prove the secret. Requests one message at a time and never one too many, so that all messages
 * after the proof go to the session.
 */
public final class HandshakeRunner implements SerialChannel.Phase {
    /** Learns the outcome, in the channel's mailbox. */
    public interface Outcome {
        /**
         * Called when the peer's first message has come, before it is looked at.
         *
         * @param runner that tells it
         */
        default void spoke(HandshakeRunner runner) {}

        /**
         * Called at the acceptor when it has sent its proof.
         *
         * @param runner that tells it
         */
        default void proofSent(HandshakeRunner runner) {}

        /**
         * Called at the proposer when it may {@link HandshakeRunner#confirm}.
         *
         * @param runner that tells it
         */
        default void peerProved(HandshakeRunner runner) {}

        /**
         * Called when both ends have proved the secret. The channel is waiting for its next phase.
         *
         * @param runner that tells it
         * @param agreement what both ends can
         */
        void proved(HandshakeRunner runner, Agreement agreement);

        /**
         * Called last, when the handshake has failed; the channel is closed or being aborted.
         *
         * @param runner that tells it
         * @param failure why
         */
        void failed(HandshakeRunner runner, SyncException failure);
    }

    private final SyncContext context;
    private final String transport;
    private final SerialChannel serial;
    private final Handshake handshake;
    private final Greeting greeting;
    private final boolean acceptor;
    private final ArrayDeque<Message> unsent = new ArrayDeque<>();
    private volatile Outcome outcome;
    private Runnable stopClock = () -> {};
    private boolean proofSent;
    private boolean over;
    private boolean handedOn;
    private boolean heard;

    private HandshakeRunner(
            SyncContext context,
            String transport,
            Channel channel,
            BiFunction<Channel, Greeting, Handshake> handshake,
            boolean acceptor,
            Outcome outcome) {
        this.context = context;
        this.transport = transport;
        this.serial = new SerialChannel(channel, context, this);
        this.greeting = context.greeting();
        this.handshake = handshake.apply(channel, greeting);
        this.acceptor = acceptor;
        this.outcome = outcome;
    }

    /**
     * Creates the handshake of the end that dialled or accepted.
     *
     * @param context for limits, time and chance
     * @param transport the id of the transport that brought the channel
     * @param channel not started
     * @param exchange the secret
     * @param answer what the answer adds; null where an address was dialled
     * @param outcome told how it goes
     * @return a handshake that has not begun
     */
    public static HandshakeRunner acceptor(
            SyncContext context,
            String transport,
            Channel channel,
            Exchange exchange,
            @Nullable AnswerSecret answer,
            Outcome outcome) {
        return new HandshakeRunner(
                context,
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

    /**
     * Creates the handshake of the end that listens or offered.
     *
     * @param context for limits, time and chance
     * @param transport the id of the transport that brought the channel
     * @param channel not started
     * @param exchanges the secrets, by the handle of an offer or without one
     * @param outcome told how it goes
     * @return a handshake that has not begun
     */
    public static HandshakeRunner proposer(
            SyncContext context,
            String transport,
            Channel channel,
            Function<Optional<String>, Optional<Exchange>> exchanges,
            Outcome outcome) {
        return new HandshakeRunner(
                context,
                transport,
                channel,
                (c, greeting) -> Handshake.proposer(c.remote(), c.binding(), greeting, exchanges),
                false,
                outcome);
    }

    /** Starts the channel and the time limit, which is for the whole handshake. Once, any thread. */
    public void begin() {
        heard = true;
        begin(context.proofTime());
    }

    /**
     * The same for a channel that anybody may have opened.
     *
     * @param firstMessage how long the first message may take; from then on the usual limit counts
     */
    public void begin(Duration firstMessage) {
        serial.execute(() -> {
            if (over) {
                return;
            }
            patience(firstMessage);
            serial.start();
            send(handshake.begin());
            serial.channel().request(1);
        });
    }

    /** How many bytes of data our greeting grants. */
    long firstGrant() {
        return greeting.window();
    }

    /**
     * The channel and its mailbox.
     *
     * @return what this listens to
     */
    public SerialChannel serial() {
        return serial;
    }

    String transport() {
        return transport;
    }

    /**
     * The peer's name for messages to people.
     *
     * @return such as an address
     */
    public String remote() {
        return serial.channel().remote();
    }

    /**
     * The secret that the peer has named.
     *
     * @return empty until then
     */
    public Optional<Exchange> exchange() {
        return handshake.exchange();
    }

    /**
     * Whether the peer has proved a certain answer.
     *
     * @param hash SHA-256 of the answer's text
     * @return true if so
     */
    public boolean isAnswer(byte[] hash) {
        return handshake.isAnswer(hash);
    }

    /**
     * Whether this acceptor has sent its proof. If the channel ends after that, the peer has probably refused it.
     *
     * @return true if so
     */
    public boolean hasSentProof() {
        return proofSent;
    }

    boolean isOver() {
        return over;
    }

    /**
     * Sets who learns the outcome; in the mailbox, or before {@link #begin}.
     *
     * @param next takes the place of the one before
     */
    public void handTo(Outcome next) {
        outcome = next;
    }

    /** Sets how long the peer may take from now on; in the mailbox. */
    void patience(Duration time) {
        stopClock.run();
        stopClock = context.schedule(
                time,
                () -> serial.execute(() -> fail(handshake
                        .endsInBetween()
                        .orElseGet(() -> new SyncException(
                                ErrorKind.TIMEOUT,
                                "the peer at " + remote() + " did not prove in time that it knows the secret")))));
    }

    /** Stops the time limit; in the mailbox. */
    public void waitForUs() {
        stopClock.run();
    }

    /**
     * Proves this end, a proposer's, to the acceptor; in the mailbox, after {@link Outcome#peerProved}.
     *
     * @param answer the one that the peer came with; null where an address was dialled
     */
    public void confirm(@Nullable AnswerSecret answer) {
        send(handshake.confirm(answer));
    }

    /**
     * Refuses the peer and sends it the reason. The outcome isn't called. Any thread.
     *
     * @param reason what the peer is told
     */
    public void refuse(SyncException reason) {
        serial.execute(() -> {
            if (!over) {
                over = true;
                stopClock.run();
                part(reason);
            }
        });
    }

    /**
     * Gives up without a message to the peer. The outcome isn't called. Any thread.
     *
     * @param reason what the channel is aborted with
     */
    public void abandon(SyncException reason) {
        serial.execute(() -> {
            if (!over) {
                over = true;
                stopClock.run();
            }
        });
        serial.channel().abort(reason);
    }

    @Override
    public void message(Message message) {
        if (over) {
            return;
        }
        if (!heard) {
            heard = true;
            patience(context.proofTime());
            outcome.spoke(this);
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
            serial.channel().request(1);
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
    public void channelClosed(CloseReason reason) {
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
            // And no session has taken the channel: code that was plugged in broke before.
            serial.channel().abort(failure);
            outcome.failed(this, failure);
        } else {
            fail(failure);
        }
    }

    @Override
    public void refused(SyncException failure) {
        serial.channel().abort(failure);
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

    /** Sends the reason to a peer that would understand it. */
    private void part(SyncException why) {
        unsent.clear();
        if (handshake.metPeer() && !handshake.toldByPeer()) {
            context.refusals().sayAndClose(context, serial, why);
        } else {
            serial.channel().abort(why);
        }
    }

    private void send(List<Message> messages) {
        unsent.addAll(messages);
        while (serial.hasRoom() && !unsent.isEmpty()) {
            serial.send(unsent.remove());
        }
        if (handshake.done() && unsent.isEmpty() && !over) {
            over = true;
            stopClock.run();
            handedOn = true;
            outcome.proved(this, handshake.agreement());
        }
    }
}
