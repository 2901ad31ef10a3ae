package dev.livesync.core.protocol;

import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.protocol.Deadlines.What;
import dev.livesync.core.protocol.ProtocolState.Stage;
import org.jspecify.annotations.Nullable;

/** Ends a session, in order or with a failure, and with a last message where the peer would understand one. */
final class Ending {
    private static final long LAST_WORD_NANOS = 5_000_000_000L;

    private final ProtocolState session;
    private final Outbound outbound;
    private final ControlMessages control;
    private @Nullable SyncException outcome;
    private @Nullable Message lastWord;
    private boolean wordsDone;
    private boolean peerLeft;

    Ending(ProtocolState session, Outbound outbound, ControlMessages control) {
        this.control = control;
        this.session = session;
        this.outbound = outbound;
    }

    /** Ends in order; sends a goodbye if none was sent yet. */
    void inOrder() {
        session.stage = Stage.CLOSING;
        outbound.stop();
        control.bye(false);
        lastWord = !session.channelOpen || control.byeSent() ? null : session.dialect.lastWord(new WireMessage.Bye());
        wordsDone = lastWord == null;
        session.setStatus(SessionStatus.CLOSING);
    }

    /** Ends in order, though not everything was delivered. The outcome is that failure. */
    void undelivered(SyncException failure) {
        outcome = failure;
        session.effects.sessionFailed(failure);
    }

    /**
     * Ends with a failure, unless there was one before.
     *
     * @param word what the peer is told; null for nothing
     * @param keepStored whether what arrived whole is still committed
     */
    void fail(SyncException failure, @Nullable WireMessage word, boolean keepStored) {
        if (session.stage == Stage.FAILED || session.stage == Stage.ENDED || outcome != null) {
            return;
        }
        outcome = failure;
        session.stage = Stage.FAILED;
        outbound.stop();
        if (!keepStored) {
            session.pending.clear();
        }
        lastWord = session.channelOpen ? session.dialect.lastWord(word) : null;
        wordsDone = lastWord == null;
        session.effects.sessionFailed(failure);
    }

    /** Ends with a failure of this side. The peer is told its kind. */
    void fail(SyncException failure) {
        fail(failure, PeerFailures.lastWord(failure, false), false);
    }

    /** Ends with a defect. */
    void failInternally(RuntimeException e) {
        fail(session.failures.internal(e));
    }

    /** Called when the peer has closed the channel. */
    void peerLeft() {
        peerLeft = true;
    }

    /** Drops the last message. */
    void silence() {
        lastWord = null;
        wordsDone = true;
    }

    /** Called when the channel has ended: the last message is dropped. */
    void channelClosed() {
        wordsDone = true;
    }

    /** Takes the last message; null if there is none or it was taken already. */
    @Nullable
    Message lastWord() {
        Message word = lastWord;
        lastWord = null;
        if (word == null && !session.isOpen() && (session.stage != Stage.CLOSING || session.pending.isEmpty())) {
            wordsDone = true;
        }
        return session.channelOpen ? word : null;
    }

    /** Reports the end once everything that was received is committed and the last message was sent. */
    void endIfOver() {
        if (session.stage != Stage.CLOSING && session.stage != Stage.FAILED || !session.pending.isEmpty()) {
            return;
        }
        if (!wordsDone) {
            session.deadlines.start(What.LAST_WORD, session.now + LAST_WORD_NANOS);
            return;
        }
        session.stage = Stage.ENDED;
        session.deadlines.clearAll();
        if (!session.backlog.isOver()) {
            session.backlog.end();
            session.effects.backlogSettled(
                    outcome != null
                            ? outcome
                            : session.failures.of(
                                    ErrorKind.DISCONNECTED,
                                    "and we parted before both had everything"
                                            + (peerLeft ? session.likelyCause() : "")));
        }
        session.setStatus(SessionStatus.DESTROYED);
        session.effects.sessionEnded(outcome);
    }
}
