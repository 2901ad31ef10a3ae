package dev.livesync.core.protocol;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.protocol.Deadlines.What;

/** Sets a deadline for whatever the peer owes, and handles those that have passed. */
final class Timers {
    private static final int UNANSWERED_PINGS = 3;

    private final ProtocolState session;
    private final Deadlines deadlines;
    private final Inbound inbound;
    private final Outbound outbound;
    private final ControlMessages control;
    private final Parting parting;
    private final Ending ending;

    /** In nanoseconds; 0 for none. */
    private final long heartbeat;

    private int pings;

    Timers(
            ProtocolState session,
            Inbound inbound,
            Outbound outbound,
            ControlMessages control,
            Parting parting,
            Ending ending,
            long heartbeat) {
        this.session = session;
        this.inbound = inbound;
        this.outbound = outbound;
        this.control = control;
        this.parting = parting;
        this.ending = ending;
        this.heartbeat = heartbeat;
        deadlines = session.deadlines;
    }

    /** Records a sign of life from the peer. */
    void heard() {
        if (heartbeat > 0) {
            pings = 0;
            control.noPing();
            deadlines.set(What.SILENCE, session.now + heartbeat);
        }
    }

    /** Sets the deadlines for what the peer owes; a message in pieces has one of its own. */
    void watch() {
        Receiver receiver = inbound.receiver();
        Backlog backlog = session.backlog;
        boolean withheld = session.memory.in().waits();
        if (withheld && session.window != null) {
            start(What.MEMORY, session.phase / 4);
        } else {
            deadlines.clear(What.MEMORY);
        }
        if (receiver.inPieces() && !withheld) {
            long time = receiver.stated() / Outbound.SLOWEST_BYTES_PER_SECOND * 1_000_000_000L;
            start(What.MESSAGE, session.phase + time);
        } else {
            deadlines.clear(What.MESSAGE);
        }
        boolean diffCame = backlog.clock() != null;
        if (outbound.waitsForPeer() && !withheld) {
            start(What.RECONCILIATION, session.phase);
        } else {
            deadlines.clear(What.RECONCILIATION);
        }
        if (withheld || inbound.receiver().inPieces()) {
            session.blocks.heard();
        }
        if (parting.hasGoodbye()) {
            deadlines.clear(What.BLOCKS);
            deadlines.clear(What.DIFF);
            deadlines.clear(What.ANSWER);
            return;
        }
        if (diffCame
                || receiver.inTextPieces()
                || !backlog.hasAsked() && !session.dialect.comparison().waitsForTheirs()) {
            // It has come, or is coming, or may be waiting for ours.
            deadlines.clear(What.DIFF);
        } else {
            start(What.DIFF, session.phase);
        }
        if (diffCame && backlog.awaitsAnswer() && !receiver.inPieces() && !withheld) {
            start(What.ANSWER, session.phase);
        } else {
            deadlines.clear(What.ANSWER);
        }
    }

    private void start(What what, long after) {
        deadlines.start(what, session.now + after);
    }

    /** Checks whether the backlog has been exchanged. */
    void checkBacklog() {
        Backlog backlog = session.backlog;
        if (backlog.isOver()) {
            return;
        }
        if (backlog.isDone(session.replica)) {
            deadlines.clear(What.ANCESTORS);
            backlog.end();
            session.effects.backlogSettled(null);
        } else if (backlog.lacksAncestors() && !outbound.askOnceMore()) {
            start(What.ANCESTORS, session.phase);
        }
    }

    /** Handles the deadlines that have passed. */
    void tick() {
        What what = deadlines.passed(session.now);
        while (what != null) {
            deadlines.clear(what);
            passed(what);
            what = deadlines.passed(session.now);
        }
    }

    private void passed(What what) {
        switch (what) {
            case DIFF -> timeout("has not said what it has" + session.likelyCause());
            case RECONCILIATION -> timeout("has not said what it lacks");
            case ANSWER -> timeout("has not answered what we have" + session.likelyCause());
            case MESSAGE -> timeout("began a message and did not finish it");
            case ACK -> timeout("does not acknowledge what it was sent");
            case OWN_ACK -> control.ackNow();
            case CREDIT -> timeout("grants no credit");
            case PACE -> timeout("takes what it is sent too slowly");
            case MEMORY -> control.credit();
            case ROOM -> timeout("takes no more data");
            case SILENCE -> silence();
            case BLOCKS -> timeout("does not send the blocks that it was asked for");
            case ANCESTORS -> {
                session.backlog.end();
                session.effects.backlogSettled(session.failures.of(
                        ErrorKind.TIMEOUT,
                        "has not sent all ancestors of its own heads: what waits for them stays pending here, or made room if that was"
                                + " over the limit for one peer (pendingBytesPerPeer)"));
            }
            case PRESENCE -> {
                // It is polled for after each call.
            }
            case AGAIN -> {
                session.dialect.passed(what);
                outbound.askAgain();
            }
            case HEAL, THEIRS_FIRST -> session.dialect.passed(what);
            case OWN_DIFF -> {
                if (inbound.receiver().inTextPieces()) {
                    deadlines.set(What.OWN_DIFF, session.now + session.phase / 4);
                } else {
                    session.dialect.comparison().waitNoLonger();
                }
            }
            case PARTING -> parting.late();
            case LAST_WORD -> ending.silence();
        }
    }

    private void silence() {
        if (!inbound.listens()) {
            // We did not listen.
            deadlines.set(What.SILENCE, session.now + heartbeat);
        } else if (pings == UNANSWERED_PINGS) {
            timeout("is silent and answers no ping");
        } else {
            pings++;
            control.ping(pings);
            deadlines.set(What.SILENCE, session.now + heartbeat);
        }
    }

    private void timeout(String what) {
        SyncException e = session.failures.of(ErrorKind.TIMEOUT, what + " within the time that is set for it");
        ending.fail(e);
    }
}
