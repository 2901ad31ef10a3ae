package dev.livesync.core.protocol;

import dev.livesync.SessionStatus;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.protocol.Deadlines.What;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The time between close and end: one side has closed, each side sends what it still has to send and then a goodbye. Also completes the
 * calls that wait until the peer holds a clock.
 */
final class Parting {
    private final ProtocolState session;
    private final Outbound outbound;
    private final ControlMessages control;
    private final Ending ending;
    private boolean leaving;
    private boolean peerLeaves;
    private int partings;

    /** How many CARs the peer was asked to acknowledge at once. */
    private long wanted;

    private List<Cid> clock = List.of();
    private boolean delivered;
    private @Nullable SyncException refusal;

    Parting(ProtocolState session, Outbound outbound, ControlMessages control, Ending ending) {
        this.control = control;
        this.session = session;
        this.outbound = outbound;
        this.ending = ending;
    }

    /** Called when this side closes. */
    void leave() {
        if (!leaving) {
            leaving = true;
            begin();
        }
    }

    /** Called when the peer has said goodbye. */
    void peerLeaves() {
        peerLeaves = true;
        session.dialect.comparison().peerLeaves();
        if (outbound.hasAsked()) {
            begin();
        } else {
            // It never said what it has.
            end(ErrorKind.DISCONNECTED, "it left before");
            ending.silence();
        }
    }

    /** Whether one side has said goodbye. */
    boolean hasGoodbye() {
        return control.byeSent() || peerLeaves;
    }

    /** Starts the parting: only what is here now is still delivered. */
    private void begin() {
        Duration time = session.config.times().parting();
        if (time.isZero()) {
            ending.inOrder();
            return;
        }
        session.parting = true;
        session.blocks.part();
        session.dialect.parting();
        control.holdNothingBack();
        session.setStatus(SessionStatus.CLOSING);
        session.deadlines.start(What.PARTING, session.now + time.toNanos());
        if (control.byeSent()) {
            return;
        }
        int mine = ++partings;
        delivered = false;
        try {
            session.heads = session.currentHeads();
            clock = session.heads;
            if (session.permissions.peerReads()) {
                deliver(clock, failure -> delivered(mine, failure));
            } else {
                delivered = true;
            }
        } catch (SyncException e) {
            ending.fail(e);
        }
    }

    private void delivered(int parting, @Nullable SyncException failure) {
        if (parting == partings) {
            delivered = true;
            refusal = failure;
        }
    }

    /** Reports to the caller when the peer holds a clock. */
    void deliver(Collection<Cid> events, Consumer<@Nullable SyncException> told) {
        if (!session.permissions.peerReads()) {
            told.accept(session.failures.of(ErrorKind.REFUSED, "has write access only and gets nothing from here"));
            return;
        }
        if (events.isEmpty()) {
            told.accept(null);
            return;
        }
        try (Snapshot snapshot = session.replica.snapshot()) {
            for (Cid cid : events) {
                if (!snapshot.isComplete(cid)) {
                    told.accept(new SyncException(
                            ErrorKind.NOT_FOUND, "event " + cid + " is not complete here and can't be delivered"));
                    return;
                }
            }
        }
        session.deliveries.add(events, told);
        outbound.changed();
    }

    /** Whether anybody waits for something to be sent or acknowledged. */
    boolean isAwaited() {
        return session.parting || session.deliveries.isAwaited() || session.effects.isEqualAwaited();
    }

    /** Says goodbye once the peer has everything, and ends once both have said it. */
    void partIfDelivered() {
        session.deliveries.acknowledged(session.acks ? session.counters.carsAnswered : Long.MAX_VALUE);
        if (session.acks) {
            long awaited = session.effects.isEqualAwaited() ? session.counters.carsSent : session.deliveries.awaited();
            if (awaited > Math.max(wanted, session.counters.carsAnswered)) {
                wanted = awaited;
                control.wantAck();
            }
        }
        if (!session.parting || !delivered) {
            return;
        }
        // Not before we have asked: the answer may be what the peer had written.
        control.bye(!control.byeSent() && (peerLeaves || session.backlog.hasAsked()));
        if (session.dialect.hasParted(control.byeSent(), peerLeaves)) {
            end();
        }
    }

    /** Called when the time for parting is over. */
    void late() {
        end(
                ErrorKind.TIMEOUT,
                "it has not acknowledged it within " + session.config.times().parting());
    }

    /** Ends in order though not everything was delivered. If this side closed, that is its outcome. */
    void end(ErrorKind kind, String why) {
        if (leaving && !delivered) {
            ending.undelivered(session.failures.undelivered(kind, session.dialect.undelivered(), clock, why));
        }
        end();
    }

    private void end() {
        if (leaving && delivered && refusal != null) {
            ending.undelivered(refusal);
        }
        ending.inOrder();
    }
}
