package dev.livesync.core.session;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Digests;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.core.handshake.Refusal;
import dev.livesync.core.message.ClockDigest;
import dev.livesync.core.message.Feature;
import dev.livesync.core.protocol.Budget;
import dev.livesync.core.protocol.CommonClock;
import dev.livesync.core.protocol.livesync.Dialects;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.seal.HandshakePayload;
import dev.livesync.core.seal.HandshakeResult;
import dev.livesync.core.seal.SealedHandshake;
import dev.livesync.core.seal.Seals;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The first phase of a channel: both ends prove the secret, and get the keys with which the session's messages are sealed. Requests one message
 * at a time and never one too many, so that all messages after the handshake go to the session.
 *
 * <p>The responder keeps the first message until somebody gives it what to {@link #answer} with: an offer's answer may still be on its way.
 */
public final class HandshakeRunner implements SerialChannel.Phase {
    /** Learns the outcome, in the channel's mailbox. */
    public interface Outcome {
        /**
         * Called at the initiator when the first message was sent.
         *
         * @param runner that tells it
         */
        default void asked(HandshakeRunner runner) {}

        /**
         * Called at the responder when the first message has come, of which nothing is known yet. Who is called has to {@link
         * HandshakeRunner#answer}, now or later, or else {@link HandshakeRunner#refuse}.
         *
         * @param runner that tells it
         */
        default void called(HandshakeRunner runner) {}

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
    private final SealedHandshake handshake;
    private final long featureBits;
    private final boolean initiator;
    private final ArrayDeque<Message> unsent = new ArrayDeque<>();
    private volatile Outcome outcome;
    private Supplier<List<Credential>> credentials = List::of;
    private Predicate<String> reads = name -> false;
    private volatile String meshName = "";
    private volatile @Nullable Message first;
    private Runnable stopClock = () -> {};
    private @Nullable CommonClock clock;
    /** What this end grants, once it has said so; a session's in the end, or given back. */
    private Budget.@Nullable Share promised;

    private boolean asked;
    private boolean called;
    private boolean waiting;
    private boolean answered;
    private boolean over;
    private boolean handedOn;
    private boolean heard;

    private HandshakeRunner(
            SyncContext context, String transport, Channel channel, @Nullable Credential credential, Outcome outcome) {
        this.context = context;
        this.transport = transport;
        this.serial = new SerialChannel(channel, context, this);
        this.featureBits = context.featureBits(transport);
        this.initiator = credential != null;
        this.outcome = outcome;
        this.handshake = credential != null
                ? SealedHandshake.initiator(channel.remote(), credential, () -> payload(true, false), context.random())
                : SealedHandshake.responder(
                        channel.remote(),
                        () -> credentials.get(),
                        (name, theirs) -> payload(reads.test(name), true),
                        context.random());
    }

    /**
     * Creates the handshake of the end that dialled or accepted.
     *
     * @param context for limits, time and chance
     * @param transport the id of the transport that brought the channel
     * @param channel not started
     * @param credential what it was given
     * @param outcome told how it goes
     * @return a handshake that has not begun
     */
    public static HandshakeRunner initiator(
            SyncContext context, String transport, Channel channel, Credential credential, Outcome outcome) {
        return new HandshakeRunner(context, transport, channel, credential, outcome);
    }

    /**
     * Creates the handshake of the end that listens or offered.
     *
     * @param context for limits, time and chance
     * @param transport the id of the transport that brought the channel
     * @param channel not started
     * @param outcome told how it goes, and asked what to answer with
     * @return a handshake that has not begun
     */
    public static HandshakeRunner responder(SyncContext context, String transport, Channel channel, Outcome outcome) {
        return new HandshakeRunner(context, transport, channel, null, outcome);
    }

    /**
     * Tells the peer under which name this end is announced in a mesh. Before {@link #begin}, or before {@link #answer}; any thread.
     *
     * @param name the name; empty for none
     */
    public void announce(String name) {
        meshName = name;
    }

    /**
     * What this end says of itself.
     *
     * @param readable whether the peer may know what is here
     * @param answers whether it is told which database this is: who begins has a use for that
     */
    private HandshakePayload payload(boolean readable, boolean answers) {
        if (promised == null) {
            promised = context.promise();
        }
        clock = readable ? clock() : null;
        byte[] digest = clock == null ? new byte[0] : ClockDigest.sha256(clock.heads());
        return new HandshakePayload(
                featureBits,
                context.granted(promised),
                digest,
                readable && answers ? instance() : new byte[0],
                bindingDigest(serial.channel()),
                meshName);
    }

    private byte[] instance() {
        return context.replica()
                .peerFrontiers()
                .map(peers -> ByteBuffer.allocate(Long.BYTES)
                        .putLong(peers.instance())
                        .array())
                .orElseGet(() -> new byte[0]);
    }

    private @Nullable CommonClock clock() {
        try (Snapshot snapshot = context.replica().snapshot()) {
            return new CommonClock(snapshot.heads(), snapshot.cursor());
        } catch (SyncException e) {
            return null; // the session will find out
        }
    }

    /** What the handshake says of the channel's binding; empty where it has none. */
    private static byte[] bindingDigest(Channel channel) {
        return channel.binding().map(Digests::sha256).orElseGet(() -> new byte[0]);
    }

    /** Whether this is the end that dialled or accepted. */
    boolean isInitiator() {
        return initiator;
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
            serial.channel().request(1);
            send(handshake.begin());
        });
    }

    /** Hands over what this end has granted; once, to the session that comes of this. */
    Budget.Share promised() {
        Budget.Share share = promised;
        promised = null;
        return share == null ? context.nothing() : share;
    }

    private void giveBack() {
        Budget.Share share = promised;
        promised = null;
        if (share != null) {
            share.close();
        }
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
     * Whom the transport has authenticated.
     *
     * @return empty where it has no identities
     */
    public Optional<PeerIdentity> identity() {
        return serial.channel().peer();
    }

    /**
     * Whether the transport encrypts the channel and binds it to its two ends, as far as this end can tell.
     *
     * @return true if so
     */
    public boolean hasBinding() {
        return serial.channel().binding().isPresent();
    }

    /**
     * Whether the other end has said that it sees the same binding; in the mailbox, once {@linkplain Outcome#proved proved}.
     *
     * @return true if so
     */
    public boolean isBound() {
        return !serial.isSealed();
    }

    /**
     * Whether the first message, which waits for its {@link #answer}, names a credential. That proves nothing. Any thread.
     *
     * @param credential any
     * @return true if its hint fits
     */
    public boolean isNamed(Credential credential) {
        Message message = first;
        return message != null && message.kind() == Message.Kind.BINARY && credential.isNamedBy(message.payload());
    }

    /**
     * Whether the first message, which waits for its {@link #answer}, was made with a credential, by whoever sent it or by somebody before whom
     * it repeats. Any thread.
     *
     * @param credential any
     * @return true if it was
     */
    public boolean isOf(Credential credential) {
        Message message = first;
        return message != null && message.kind() == Message.Kind.BINARY && credential.opens(message.payload());
    }

    /**
     * Whether another channel's first message, which waits too, begins with the same key: somebody repeats it, or changes the rest of it, which
     * takes no secret. Any thread.
     *
     * @param other the other channel's handshake
     * @return true if so
     */
    public boolean isRepeatOf(HandshakeRunner other) {
        Message ours = first;
        Message theirs = other.first;
        return ours != null && theirs != null && Credential.isRepeat(ours.payload(), theirs.payload());
    }

    /**
     * Whether this initiator has sent its first message. If the channel ends after that, the peer has probably refused it.
     *
     * @return true if so
     */
    public boolean hasAsked() {
        return asked;
    }

    /**
     * Sets who learns the outcome; in the mailbox, or before {@link #begin}.
     *
     * @param next takes the place of the one before
     */
    public void handTo(Outcome next) {
        outcome = next;
    }

    /** Sets how long the peer may take from now on, until its next message has arrived here; in the mailbox. */
    private void patience(Duration time) {
        stopClock.run();
        stopClock = serial.executeLater(
                time,
                () -> fail(new SyncException(
                        ErrorKind.TIMEOUT,
                        "the peer at " + remote() + " did not prove in time that it knows the secret")));
    }

    /** Stops the time limit; in the mailbox. */
    public void waitForUs() {
        waiting = true;
        stopClock.run();
    }

    /**
     * Answers the first message, if it was made with one of these credentials; otherwise the handshake fails. In the mailbox, after {@link
     * Outcome#called}, once. A peer that waited for us has its time again to confirm.
     *
     * @param with those that are taken now
     * @param reader whether who comes with the credential of this name may know what is here; others are told nothing of our clock
     */
    public void answer(Supplier<List<Credential>> with, Predicate<String> reader) {
        Message message = first;
        if (over || message == null) {
            return;
        }
        first = null;
        credentials = with;
        reads = reader;
        if (waiting) {
            patience(context.proofTime());
        }
        take(message);
    }

    /**
     * Refuses the peer and sends it the reason. The outcome isn't called. Any thread.
     *
     * @param reason what the peer is told
     */
    public void refuse(SyncException reason) {
        serial.execute(() -> {
            if (!over) {
                end();
                part(reason);
            }
        });
    }

    /**
     * As {@link #refuse}, and a peer whose first message is still on its way is told, too. One that was answered may still confirm, within its
     * time: for it the session is open already.
     *
     * @param reason what the peer is told
     */
    public void turnAway(SyncException reason) {
        serial.execute(() -> {
            if (!over && !answered) {
                end();
                context.refusals().sayAndClose(context, serial, reason);
            }
        });
    }

    /**
     * Refuses a peer that has proved the secret, and for which the session is open therefore: it is told why, and nothing else. In the mailbox,
     * in the place of a session.
     *
     * @param reason what the peer is told, words and all
     */
    public void dismiss(SyncException reason) {
        context.refusals().dismiss(context, serial, reason);
    }

    /**
     * Gives up without a message to the peer. The outcome isn't called. Any thread.
     *
     * @param reason what the channel is aborted with
     */
    public void abandon(SyncException reason) {
        serial.execute(() -> {
            if (!over) {
                end();
            }
        });
        serial.channel().abort(reason);
    }

    @Override
    public void message(Message message) {
        if (over) {
            return;
        }
        if (handshake.done()) { // and our last message did not reach the peer, who had ended before
            SyncException why = Refusal.read(remote(), message);
            fail(why != null ? why : goneAway(null));
        } else if (initiator || called) {
            take(message);
        } else {
            called = true;
            first = message;
            if (!heard) {
                heard = true;
                patience(context.proofTime());
            }
            outcome.called(this);
        }
    }

    private void take(Message message) {
        List<Message> replies;
        try {
            replies = handshake.receive(message);
        } catch (SyncException e) {
            fail(e);
            return;
        }
        answered = !initiator;
        send(replies);
        if (!handshake.done() && !over) {
            serial.channel().request(1);
        }
    }

    @Override
    public void tampered(SyncException failure) {
        crashed(failure); // only a session that has not taken the channel yet
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
        } else if (!over && handshake.done()) {
            serial.channel().request(1); // nobody else asks for it
        }
    }

    @Override
    public void channelClosed(CloseReason reason) {
        fail(goneAway(reason.failure()));
    }

    private SyncException goneAway(@Nullable SyncException failure) {
        return new SyncException(
                ErrorKind.DISCONNECTED,
                metPeer()
                        ? "the peer at " + remote() + " went away in the middle of the handshake, without a word"
                        : "the peer at " + remote()
                                + " closed the channel before any proof, without a word: it is no LiveSync peer, or it was stopped",
                failure);
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
            end();
            part(failure);
            outcome.failed(this, failure);
        }
    }

    private void end() {
        over = true;
        stopClock.run();
        handshake.destroy();
        if (handshake.done() && !handedOn) {
            handshake.result().seals().ifPresent(Seals::destroy);
        }
        if (!handedOn) {
            giveBack();
        }
    }

    private boolean metPeer() {
        return handshake.metPeer() || first != null;
    }

    /** Sends the reason to a peer that would understand it. */
    private void part(SyncException why) {
        unsent.clear();
        // Once it is answered, the peer may have begun to seal, and takes a text for somebody's in between: only that
        // it may be told.
        boolean late = answered && why.kind() != ErrorKind.AUTHENTICATION;
        if (metPeer() && !handshake.toldByPeer() && !late) {
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
        if (over || !unsent.isEmpty() || !serial.isUsable()) {
            return;
        }
        if (handshake.done()) {
            handedOn = true;
            end();
            HandshakeResult result = handshake.result();
            result.seals().ifPresent(serial::seal);
            try {
                outcome.proved(this, agreement(result));
            } finally {
                giveBack(); // where no session came of it
            }
        } else if (initiator && !asked && serial.hasRoom()) {
            asked = true;
            outcome.asked(this);
        }
    }

    private static OptionalLong instance(byte[] told) {
        return told.length == 0
                ? OptionalLong.empty()
                : OptionalLong.of(ByteBuffer.wrap(told).getLong());
    }

    private Agreement agreement(HandshakeResult result) {
        Set<Feature> common = Feature.of(result.peer().features() & featureBits);
        return new Agreement(
                common,
                result.peer().window(),
                Optional.of(result.credential()).filter(name -> !name.equals(Credential.UNNAMED)),
                result.salt(),
                instance(result.peer().instance()),
                Optional.ofNullable(clock).filter(both -> result.sameClock() && Dialects.canBeginEqual(common)),
                Optional.of(result.peer().name()).filter(name -> !name.isEmpty()));
    }
}
