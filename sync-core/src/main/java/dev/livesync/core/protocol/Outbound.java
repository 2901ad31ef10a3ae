package dev.livesync.core.protocol;

import dev.livesync.SessionStatus;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.Section;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.protocol.Deadlines.What;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing half of a session. Everything is made when it is polled: {@linkplain ControlMessages control messages} first, then the next
 * piece of the message under way; only when that is finished is the next one made: our diff, the answer to the peer's diff, changes from
 * the feed. {@linkplain PresenceExchange Presence} goes where there is nothing of this, and gets a small share otherwise.
 */
final class Outbound {
    /** The least average rate of a message in pieces, after the time of one phase. */
    static final long SLOWEST_BYTES_PER_SECOND = 16 << 10;

    /** The bytes that a message may take beside the budget, so that small changes never wait for others' large ones. */
    private static final long OWN = 64 << 10;

    private final ProtocolState session;
    private final ControlMessages control;
    private final Dialect dialect;
    private final Deadlines deadlines;
    private final MessageSizes sizes;
    private final Comparison comparison;
    private final Sender sender;
    private final Pace pace;
    private final PresenceExchange presence;

    private boolean mergesFirst;
    private boolean answered;
    private @Nullable OutgoingMessage statement;
    private @Nullable OutgoingMessage ok;
    private @Nullable OutgoingMessage block;
    private long askedBytes;
    private @Nullable DiffAnswer answer;
    private @Nullable LiveFeed live;
    /** What was taken of the budget for the message that is being sent. */
    private long outgoing;

    /** Whether memory for a large message is waited for. */
    private boolean queued;

    Outbound(ProtocolState session, ControlMessages control, PresenceExchange presence) {
        this.session = session;
        this.presence = presence;
        this.control = control;
        dialect = session.dialect;
        comparison = dialect.comparison();
        deadlines = session.deadlines;
        sizes = dialect.sizes();
        sender = new Sender(sizes, dialect.encoding(), session.window != null, session.config.peerWindow());
        pace = new Pace(session.phase, SLOWEST_BYTES_PER_SECOND);
    }

    // ---- what is to be sent

    /** Starts: our diff is the first message, unless both ends know already that they have the same. */
    void open() {
        if (session.permissions.areLimited()) {
            control.rights();
        }
        session.config.common().ifPresentOrElse(this::openEqual, comparison::begin);
        session.blocks.open();
    }

    private void openEqual(CommonClock clock) {
        session.heads = clock.heads();
        session.headsMoved = true; // perhaps, since then
        session.peerClock.stated(clock.heads());
        session.backlog.nothing();
        answered = true;
        live = feed(clock.cursor());
    }

    /** A commit, be it of nothing, gives the replica the chance to merge its heads before anything is answered. */
    void mergeFirst() {
        mergesFirst = dialect.mergesFirst(session::currentHeads);
        if (mergesFirst) {
            session.pending.addNothing();
        }
    }

    /** Called when a commit is durable. */
    void stored() {
        mergesFirst = false;
        control.ack();
        changed();
    }

    /** Called when there may be more to read from the feed. */
    void changed() {
        session.blocks.changed();
        if (live != null) {
            live.changed();
        }
    }

    /** Takes the peer's diff, which replaces one that isn't answered yet. */
    void asked(WireMessage.Diff diff, long bytes) {
        Window window = session.window;
        if (window != null) {
            if (comparison.isAsked()) {
                window.release(askedBytes);
            }
            window.hold(bytes);
        }
        askedBytes = bytes;
        comparison.asked(diff);
    }

    /** Takes a grant of credit, or a repeated one as a sign of life. */
    void granted(long bytes) {
        if (sender.grant(bytes)) {
            deadlines.clear(What.CREDIT);
        } else {
            pace.patience(session.now);
            deadlines.renew(What.CREDIT, pace.until());
            deadlines.renew(What.PACE, pace.until());
        }
    }

    /** States once more what is here, or has the peer begin. */
    boolean askAgain() {
        boolean more = comparison.again();
        if (more && !comparison.begins()) {
            control.again();
        }
        return more;
    }

    /**
     * Asks once more because the peer's answer did not bring everything, if that can help.
     *
     * @return whether an answer is to come
     */
    boolean askOnceMore() {
        boolean more = comparison.mends() && askAgain();
        if (more) {
            session.backlog.askedAgain();
        }
        return more;
    }

    /** Whether the peer can't be answered before it has said more. */
    boolean waitsForPeer() {
        return comparison.waitsForPeer() && sender.current() == null;
    }

    /** Whether the peer's diff has come. */
    boolean hasAsked() {
        return answered || comparison.isAsked();
    }

    /** Whether our diff and the answer to the peer's were sent. */
    boolean isIdle() {
        return sender.current() == null && answer == null && !comparison.isDue();
    }

    // ---- the end

    /** Drops what was to be sent and clears its deadlines. */
    void stop() {
        session.blocks.stop();
        deadlines.clearAll();
        drop();
        session.memory.out().close();
        session.memory.in().leave();
    }

    private void drop() {
        pace.stop();
        deadlines.clear(What.PACE);
        session.memory.out().leave();
        session.memory.out().release(outgoing);
        outgoing = 0;
        DiffAnswer oldAnswer = answer;
        LiveFeed oldFeed = live;
        answer = null;
        live = null;
        answered = false;
        statement = null;
        ok = null;
        block = null;
        try (comparison;
                oldFeed;
                oldAnswer) {
            sender.drop();
        }
    }

    // ---- messages

    /** The next message, or the next piece of one; null if there is nothing to send now. */
    @Nullable
    Message poll() {
        Message first = control.byeSent() ? null : presence.farewell();
        if (first == null) {
            first = control();
        }
        if (first == null && maySayPresence()) {
            first = presence.ahead();
        }
        if (first != null) {
            return first;
        }
        Message data = data();
        if (data != null) {
            presence.dataSent(data);
            return data;
        }
        Message absent = control();
        if (absent != null) {
            return absent;
        }
        return maySayPresence() ? presence.idle() : null;
    }

    private boolean maySayPresence() {
        return !control.byeSent() && (dialect.interruptsPieces() || sender.current() == null);
    }

    /** The next control message; null if there is none. After a goodbye nothing else is sent. */
    @Nullable
    Message control() {
        boolean saidBefore = control.byeSent();
        Message message = control.next();
        if (control.byeSent() && !saidBefore) {
            drop();
            deadlines.clear(What.ACK);
            deadlines.clear(What.CREDIT);
        }
        return message;
    }

    private @Nullable Message data() {
        if (control.byeSent() || sender.current() == null && !start()) {
            return null;
        }
        OutgoingMessage current = Objects.requireNonNull(sender.current());
        Message message = sender.next();
        if (sender.blocked()) {
            deadlines.start(What.CREDIT, session.now + session.phase);
        } else {
            deadlines.clear(What.CREDIT);
        }
        if (session.window != null) {
            pace.sent(message == null ? 0 : message.size(), session.now);
            deadlines.set(What.PACE, pace.until());
        }
        if (sender.current() == null) {
            session.memory.out().release(outgoing);
            outgoing = 0;
            sent(current);
        }
        return message;
    }

    /** Makes the next message: a small one at once, a large one if there is memory for the largest. What it takes is known once it is made. */
    private boolean start() {
        if (!dialect.speaksByItself()
                && !comparison.hasNext()
                && !comparison.isAsked()
                && answer == null
                && !session.blocks.hasNext()
                && (live == null || live.isDry())) {
            leaveQueue();
            return pause();
        }
        if (dialect.keepsToRoom()) {
            // An answer takes what can be spared, for large sections; what is live is small, and most of it asks for
            // nothing.
            long spare = answer == null ? 0 : session.memory.out().take(0, sizes.carTarget());
            boolean started = start(OWN + spare, spare);
            if (started || !isHeldBack()) {
                leaveQueue();
                return started || pause();
            }
        }
        long most = sizes.most(session.config.limits());
        queued = session.memory.out().take(most, most) == 0;
        if (queued) {
            return pause();
        }
        return start(Long.MAX_VALUE, most) || pause();
    }

    /** What was waited for isn't there any more, or was small after all. */
    private void leaveQueue() {
        if (queued) {
            queued = false;
            session.memory.out().leave();
        }
    }

    private boolean isHeldBack() {
        return answer != null ? answer.isHeldBack() : live != null && live.isHeldBack();
    }

    /**
     * Makes the next message.
     *
     * @param room how many bytes of blocks it may be made of
     * @param taken how much memory was taken for it
     */
    private boolean start(long room, long taken) {
        long size = 0;
        try {
            OutgoingMessage next = next(room);
            if (next == null) {
                return false;
            }
            size = next instanceof Section || next == block ? Math.max(0, next.size() - OWN) : 0;
            sender.start(next);
            return true;
        } finally {
            outgoing = size;
            session.memory.out().force(Math.max(0, size - taken));
            session.memory.out().release(Math.max(0, taken - size));
        }
    }

    private boolean pause() {
        pace.stop();
        deadlines.clear(What.PACE);
        return false;
    }

    private @Nullable OutgoingMessage next(long room) {
        Section first = dialect.first();
        if (first != null) {
            return first;
        }
        OutgoingMessage stated = comparison.statement();
        if (stated != null) {
            statement = stated;
            session.setStatus(SessionStatus.SENDING_CID_DIFF);
            return stated;
        }
        OutgoingMessage more = comparison.next();
        if (more != null) {
            return more;
        }
        if (answer == null && !mergesFirst && comparison.isAnswerable()) {
            startAnswer();
        }
        if (answer != null) {
            OutgoingMessage part = answer.next(room);
            if (answer.isHeldBack()) {
                return null;
            }
            if (part != null) {
                if (part instanceof Section) {
                    session.setStatus(SessionStatus.SENDING_DIFF_CAR);
                } else {
                    ok = part;
                }
                return part;
            }
            answer.close();
            answer = null;
            session.backlog.answered(session.counters.carsSent, session.acks);
        }
        if (live == null) {
            return null;
        }
        OutgoingMessage update = update(live, room);
        if (update != null || live.isHeldBack()) {
            return update;
        }
        Section healing = dialect.heal();
        if (healing != null) {
            return healing;
        }
        block = session.blocks.next();
        return block;
    }

    private @Nullable OutgoingMessage update(LiveFeed feed, long room) {
        Section section;
        try {
            section = feed.next(room);
            while (section != null && !session.permissions.writes()) {
                session.permissions.withheld();
                section = feed.next(room);
            }
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.CURSOR_EXPIRED) {
                throw e;
            }
            recover(feed.frontier(), e);
            return next(room);
        }
        session.heads = feed.heads();
        if (section != null) {
            session.setStatus(SessionStatus.SENDING_UPDATE_CAR);
        }
        return section;
    }

    private void sent(OutgoingMessage message) {
        if (message == statement) {
            statement = null;
            session.backlog.asked();
            comparison.stated();
        } else if (message == ok) {
            ok = null;
            session.setStatus(SessionStatus.FULL_SYNCED);
        } else if (message == block) {
            block = null;
            session.effects.statisticsChanged();
        } else if (message instanceof Section section) {
            session.counters.carsSent++;
            session.counters.blocksSent += section.blockCount();
            session.counters.eventsSent += section.eventCount();
            session.lag.section(session.counters.carsSent, section.eventCount());
            if (session.acks) {
                deadlines.start(What.ACK, session.now + session.phase);
                control.sent();
            } else {
                session.peerClock.moved(dialect.tips(section));
            }
            dialect.sent(section);
            session.effects.statisticsChanged();
        }
    }

    private void startAnswer() {
        if (session.permissions.peerReads()) {
            start(comparison.answer());
        } else {
            answer = new EmptyAnswer(dialect.encoding());
            session.counters.eventsToSend = 0;
            session.lag.none();
        }
        answered = true;
        comparison.answered();
        if (session.window != null) {
            session.window.release(askedBytes);
        }
    }

    /** Takes the place of an answer that is under way, and of the feed behind it. */
    private void start(AnswerStart next) {
        if (live != null) {
            live.close();
        }
        if (answer != null) {
            answer.close();
        }
        session.heads = next.heads();
        session.headsMoved = true; // perhaps, since then
        DiffAnswer whole = next.answer();
        answer = session.permissions.writes()
                ? whole
                : new WithheldAnswer(whole, dialect.encoding(), session.permissions::withheld);
        live = feed(next.cursor());
        session.counters.eventsToSend = answer.events();
        session.lag.answering(next.has(), session.counters.carsSent);
    }

    /** The changes from here on, where the clock is {@code session.heads}. */
    private LiveFeed feed(Cursor start) {
        return new LiveFeed(
                session.replica,
                session.config.origin(),
                dialect,
                start,
                session.heads,
                session.echoes::contains,
                session.deliveries,
                events -> session.lag.passed(session.counters.carsSent, events));
    }

    /**
     * The feed no longer reaches back to where we were, as after a restore: everything since the last clock that the peer is
     * known to have or to be getting goes again, and the peer is asked again what it has.
     *
     * <p>Where that clock is lost itself, everything would be all of history, to every peer at once: a new session finds out what each of both lacks. Only peers of another dialect, which
     * say what they have but once, get it.
     */
    private void recover(List<Cid> frontier, SyncException expired) {
        Snapshot snapshot = session.replica.snapshot();
        boolean lost = frontier.stream().anyMatch(head -> !snapshot.isComplete(head));
        if (comparison.mends() && (lost || !askAgain())) {
            snapshot.close();
            throw new SyncException(
                    ErrorKind.CURSOR_EXPIRED,
                    "what this peer was sent is lost here or no longer known, and a new session finds out what each of both lacks: "
                            + expired.getMessage(),
                    expired);
        }
        if (!comparison.mends()) {
            askAgain();
        }
        start(AnswerStart.of(snapshot, () -> dialect.answerSince(snapshot, frontier)));
    }
}
