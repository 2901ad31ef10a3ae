package dev.livesync.core.session;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.core.handshake.IntroductionMessage;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Finds a direct channel for a session whose channel is relayed: the phase between the handshake and the protocol. Both ends have proved the
 * secret, and all that they say is sealed, so whoever carries the signals can neither read nor change them.
 *
 * <p>Each end says one verdict, which is the last that it says here: direct or stay. The responder says direct only after the initiator has. The
 * outcome is direct if both say so, and it is known to an end when it has said its own verdict and heard the other's. So they decide alike, unless the
 * first channel ends before; then the session does, at both ends. The next sealed message goes over whichever channel it is, with the next number.
 */
final class Introduction implements SerialChannel.Phase {
    private static final System.Logger LOG = System.getLogger(Introduction.class.getName());

    /** Learns the outcome, in the mailbox. */
    interface Outcome {
        /**
         * Called when it is over.
         *
         * @param transport that carries the session now; null if it stays where it was
         * @param first a message of the protocol's that came in the place of a verdict; null if there was none
         */
        void introduced(@Nullable String transport, @Nullable Message first);

        /**
         * Called when the session has to end. The channel is open, unless it says otherwise.
         *
         * @param why what the peer did
         */
        void introductionFailed(SyncException why);
    }

    private final SerialChannel serial;
    private final boolean initiator;
    private final Introducer introducer;
    private final PathMemory memory;
    private final String peer;
    private final Duration time;
    private final Outcome outcome;
    private final SerialChannel.Phase session;
    private final DirectPath path;
    private final ArrayDeque<Message> unsent = new ArrayDeque<>();
    private Runnable stopClock = () -> {};
    private @Nullable Boolean ours;
    private @Nullable Boolean theirs;
    private boolean entered;
    private boolean signalled;
    private boolean heard;
    private boolean prepared;
    private volatile boolean over;

    /**
     * Makes an introduction that has not begun.
     *
     * @param memory of the initiator
     * @param peer under which name it remembers the other end
     * @param time how long the initiator looks for a path; everything else is a multiple of it
     * @param session told of what ends the channel without an outcome
     */
    Introduction(
            SyncContext context,
            SerialChannel serial,
            boolean initiator,
            Introducer introducer,
            PathMemory memory,
            String peer,
            Duration time,
            Outcome outcome,
            SerialChannel.Phase session) {
        this.serial = serial;
        this.initiator = initiator;
        this.introducer = introducer;
        this.memory = memory;
        this.peer = peer;
        this.time = time;
        this.outcome = outcome;
        this.session = session;
        this.path = new DirectPath(context::later, serial::execute, introducer, new Found());
    }

    /** Takes over the channel; in its mailbox. */
    void begin() {
        serial.become(this);
        serial.channel().request(1);
        if (initiator && memory.isVain(peer)) {
            stay("no direct path was found a while ago");
            return;
        }
        entered = introducer.enter();
        if (!entered) {
            stay("too many introductions are under way");
        } else if (initiator) {
            patience(time, this::giveUp);
            path.offer();
        } else {
            patience(time.multipliedBy(2), this::late);
        }
    }

    /** Decides against a direct channel, if nothing is decided; in the mailbox. */
    void hurry() {
        stay("the session is closing");
    }

    /** Gives up, with whatever is under way. The outcome isn't called. */
    void cancel(SyncException reason) {
        if (!over) {
            end(reason);
        }
    }

    private void patience(Duration longest, Runnable then) {
        stopClock.run();
        stopClock = serial.executeLater(longest, () -> {
            if (!over) {
                then.run();
            }
        });
    }

    private void giveUp() {
        if (ours == null) {
            memory.failed(peer);
            stay("no direct path was found in time");
        }
    }

    private void late() {
        fail(new SyncException(
                ErrorKind.TIMEOUT, "the peer at " + remote() + " did not say in time whether there is a direct path"));
    }

    private String remote() {
        return serial.channel().remote();
    }

    @Override
    public void message(Message message) {
        if (over) {
            return;
        }
        if (message.kind() == Message.Kind.TEXT) {
            over(null, message); // the peer ends the session, and says why
            return;
        }
        try {
            take(IntroductionMessage.read(remote(), message));
        } catch (SyncException e) {
            fail(e);
            return;
        }
        if (theirs == null && !over) {
            serial.channel().request(1);
        }
    }

    private void take(IntroductionMessage said) {
        if (said instanceof IntroductionMessage.Offer offer) {
            require(!initiator && !heard, "an offer");
            heard = true;
            if (ours == null && offer.transport().equals(introducer.transport())) {
                path.accept(offer.signal());
            } else {
                stay("there is no transport of that name");
            }
        } else if (said instanceof IntroductionMessage.Answer answer) {
            require(initiator && signalled && !heard, "an answer");
            heard = true;
            if (ours == null) {
                path.connect(answer.signal());
            }
        } else if (said instanceof IntroductionMessage.Stay stay) {
            LOG.log(
                    Level.DEBUG,
                    "the peer at {0} stays on the relayed channel: {1}",
                    remote(),
                    printable(stay.reason()));
            theirs = false;
            stay("the other end stays");
            settle();
        } else {
            require(initiator ? Boolean.TRUE.equals(ours) : signalled, "a verdict");
            theirs = true;
            if (!initiator && ours == null) {
                directOrWait();
            }
            settle();
        }
    }

    private void require(boolean allowed, String what) {
        if (!allowed) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "the peer at " + remote() + " sent " + what + " out of turn to introduce itself");
        }
    }

    /** The initiator's channel is open, so ours should be, or be about to. */
    private void directOrWait() {
        if (serial.isNextOpen()) {
            say(true, new IntroductionMessage.Direct());
        } else if (prepared) {
            stay("the direct channel has ended");
        } else {
            patience(time.dividedBy(2), () -> stay("the direct channel did not open here"));
        }
    }

    private void stay(String why) {
        if (ours == null && !over) {
            LOG.log(Level.DEBUG, "no direct path to {0}: {1}", remote(), why);
            path.close(new SyncException(ErrorKind.CANCELLED, why));
            say(false, new IntroductionMessage.Stay(why));
        }
    }

    private void say(boolean direct, IntroductionMessage verdict) {
        ours = direct;
        if (theirs == null) {
            patience(time.multipliedBy(2), this::late);
        }
        send(verdict.write());
    }

    private void send(Message message) {
        unsent.add(message);
        room();
    }

    @Override
    public void room() {
        while (!over && serial.hasRoom() && !unsent.isEmpty()) {
            serial.send(unsent.remove());
        }
        settle();
    }

    /**
     * Ends it when both verdicts are there and ours is on its way. A send of it that has failed says nothing: a peer that has heard it may have closed
     * the channel at once.
     */
    private void settle() {
        if (over || ours == null || theirs == null || !unsent.isEmpty()) {
            return;
        }
        if (ours && theirs) {
            if (initiator) {
                memory.found(peer);
            }
            path.take();
            serial.moveToNext();
            over(introducer.transport(), null);
        } else {
            over(null, null);
        }
    }

    private void over(@Nullable String transport, @Nullable Message first) {
        end(new SyncException(ErrorKind.CANCELLED, "the session stays on its first channel"));
        serial.forgetNext();
        outcome.introduced(transport, first);
    }

    private void fail(SyncException why) {
        if (!over) {
            end(why);
            outcome.introductionFailed(why);
        }
    }

    private void end(SyncException reason) {
        over = true;
        stopClock.run();
        path.close(reason);
        if (entered) {
            entered = false;
            introducer.leave();
        }
    }

    @Override
    public void tampered(SyncException failure) {
        fail(failure);
    }

    @Override
    public void sendFailed(SyncException failure) {
        // A channel that has ended says so itself.
        if (failure.kind() != ErrorKind.DISCONNECTED && failure.kind() != ErrorKind.CLOSED) {
            fail(failure);
        }
    }

    @Override
    public void channelClosed(CloseReason reason) {
        if (!over) {
            over(null, null); // the session finds out, and says what it says of any channel
        }
    }

    @Override
    public void crashed(SyncException failure) {
        cancel(failure);
        session.crashed(failure);
    }

    @Override
    public void refused(SyncException failure) {
        cancel(failure);
        session.refused(failure);
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /** What the path reports. */
    private final class Found implements DirectPath.PathListener {
        @Override
        public void signalled(Signal signal) {
            Message message = (initiator
                            ? new IntroductionMessage.Offer(introducer.transport(), signal)
                            : new IntroductionMessage.Answer(signal))
                    .write();
            if (message.size() > Math.min(IntroductionMessage.MAX_BYTES, serial.maxMessageBytes())) {
                stay("the signal has " + message.size() + " bytes, which is too long for the channel");
                return;
            }
            signalled = true;
            send(message);
        }

        @Override
        public void opened(Channel channel) {
            prepared = true;
            serial.prepare(channel);
            if (initiator || theirs != null) {
                say(true, new IntroductionMessage.Direct());
            }
        }

        @Override
        public void failed(SyncException why) {
            stay(String.valueOf(why.getMessage()));
        }
    }
}
