package dev.livesync.core.protocol;

import dev.livesync.SessionStatus;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.transport.Message;
import dev.livesync.car.pack.PackReader;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.protocol.Deadlines.What;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The incoming half of a session. Messages are assembled and checked while they arrive ({@link Receiver}), whole CARs wait ({@link
 * PendingCars}) and are committed one commit at a time; what waits is bounded by credit, or by not asking the channel for more.
 */
final class Inbound implements Receiver.Handler {
    /** How much of a message in pieces may be under way from a peer without credit, in bytes: what is requested at a time. */
    private static final long AHEAD = 1 << 20;

    private final ProtocolState session;
    private final Outbound outbound;
    private final ControlMessages control;
    private final Parting parting;
    private final Ending ending;
    private final PresenceExchange presence;
    private final Receiver receiver;
    private final boolean heartbeat;
    private long requested;
    private boolean diffCame;

    /** What is taken of the memory of all sessions for a message in pieces, of a peer without credit. */
    private long reserved;

    /** CARs of ours that the peer has refused, and whose ack is still to come. */
    private long refusedUnanswered;

    Inbound(
            ProtocolState session,
            Outbound outbound,
            ControlMessages control,
            Parting parting,
            Ending ending,
            PresenceExchange presence,
            boolean heartbeat) {
        this.presence = presence;
        this.control = control;
        this.session = session;
        this.outbound = outbound;
        this.parting = parting;
        this.ending = ending;
        this.heartbeat = heartbeat;
        PackReader packs = session.dialect.packs();
        receiver = packs == null
                ? new CarReceiver(session.config, session.dialect, session.window, this)
                : new PackReceiver(session.config, packs, session.window, this);
    }

    /** Counts a requested message that has arrived. */
    void arrived() {
        requested--;
    }

    void received(Message message) {
        session.counters.messagesReceived++;
        session.counters.bytesReceived += message.size();
        receiver.received(message);
        if (!session.isOpen()) {
            // It was the last.
            receiver.drop();
        }
        if (session.window != null) {
            session.window.absorbed(receiver.unfinished(), receiver.missing());
        } else if (!receiver.inPieces()) {
            unreserve();
        }
    }

    /** Requests more messages as long as what waits here is within bounds. With credit, the peer keeps to the bounds. */
    void refill() {
        int most = session.window != null ? 64 : 4;
        if ((session.window != null
                        || session.pending.bytes() < session.config.limits().window() && hasMemory())
                && requested <= most / 2) {
            long more = most - requested;
            requested = most;
            session.effects.request(more);
        }
    }

    /** Whether there is memory for another message from a peer without credit; for the first there always is, unless it comes in pieces. */
    private boolean hasMemory() {
        return receiver.inPieces()
                ? reserve()
                : session.pending.bytes() == 0 || session.memory.in().hasRoom();
    }

    /** Takes memory for what comes next of a message in pieces; false if it has to wait for its turn. */
    private boolean reserve() {
        long more = Math.min(receiver.missing(), AHEAD) + receiver.unfinished() - Window.OWN - reserved;
        if (more <= 0) {
            return true;
        }
        long taken = session.memory.in().take(more, more);
        reserved += taken;
        return taken > 0;
    }

    private void unreserve() {
        session.memory.in().leave();
        session.memory.in().release(reserved);
        reserved = 0;
    }

    /** Whether messages have been requested from the channel. */
    boolean listens() {
        return requested > 0;
    }

    /** Drops an unfinished message. */
    void drop() {
        receiver.drop();
        unreserve();
    }

    /** The receiver that assembles messages. */
    Receiver receiver() {
        return receiver;
    }

    /** Asks for the next commit, if something waits and none is under way. */
    void commit() {
        Commit commit = session.pending.next();
        while (commit != null && session.refusedEvents.concern(commit.events())) {
            refused(null, "it builds on what was refused before");
            commit = session.pending.next();
        }
        if (commit != null) {
            session.setStatus(SessionStatus.PARKING_CAR);
            session.deadlines.stop(session.now);
            session.effects.commit(commit);
        }
    }

    void committed(CommitResult result) {
        PendingCars.Load load = session.pending.done();
        session.deadlines.resume(session.now);
        session.counters.carsDone += load.cars();
        session.counters.eventsCommitted += result.accepted().size();
        session.lag.brought(result.accepted().size());
        session.statedHeads.changed();
        session.headsMoved = true;
        session.dialect.changed();
        session.backlog.stored(session.counters.carsDone);
        if (session.window != null && session.isOpen()) {
            session.window.release(load.bytes());
        } else {
            session.memory.in().release(load.bytes());
        }
        outbound.stored();
        session.effects.statisticsChanged();
    }

    /**
     * Takes the refusal of the commit under way, which changed nothing.
     *
     * @param event what was refused in it; null for all of it
     * @param why for the peer
     */
    void refused(@Nullable Cid event, String why) {
        PendingCars.Load load = session.pending.done();
        session.deadlines.resume(session.now);
        if (session.window != null && session.isOpen()) {
            session.window.release(load.bytes());
        } else {
            session.memory.in().release(load.bytes());
        }
        session.refusedEvents.add(load.events());
        if (!session.config.features().contains(Feature.RIGHTS) || session.refusedEvents.areTooMany()) {
            SyncException refusal = new SyncException(ErrorKind.REFUSED, why);
            ending.fail(session.failures.ofPeer(refusal), PeerFailures.lastWord(refusal, true), false);
            return;
        }
        session.counters.carsDone += load.cars();
        session.backlog.expectNoHeads();
        session.backlog.stored(session.counters.carsDone);
        control.refuse(session.counters.carsDone, event, why);
        control.ackNow();
    }

    void notCommitted() {
        session.pending.done();
        session.deadlines.resume(session.now);
    }

    @Override
    public void message(WireMessage message, long bytes) {
        if (message instanceof WireMessage.Diff diff) {
            diff(diff, bytes);
        } else if (message instanceof WireMessage.Ok) {
            session.setStatus(SessionStatus.OK);
            session.dialect.ok();
            session.backlog.peerAnswered(session.counters.carsReceived);
        } else if (message instanceof WireMessage.Reconcile part) {
            reconcile(part, bytes);
        } else if (message instanceof WireMessage.OneBlock one) {
            session.blocks.received(one.block());
            session.effects.statisticsChanged();
        } else if (message instanceof WireMessage.WantAck) {
            control.ackWanted();
        } else if (message instanceof WireMessage.Again) {
            session.dialect.comparison().wanted();
        } else if (message instanceof WireMessage.Shown shown) {
            presence.received(shown);
        } else if (session.dialect.hears(message)) {
            control(message);
        }
    }

    @Override
    public void car(ReceivedCar car) {
        session.blocks.heard();
        session.counters.carsReceived++;
        session.counters.eventsReceived += car.events().size();
        session.counters.blocksReceived += car.events().size() + car.blocks().size();
        if (!session.permissions.peerWrites()) {
            refuse(car);
            return;
        }
        session.peerClock.moved(session.dialect.parentsFirst(car.events()));
        session.dialect.received(car);
        for (Event event : car.events()) {
            session.echoes.add(event.cid());
        }
        session.pending.add(car);
        if (session.window != null) {
            session.window.hold(car.bytes());
        } else {
            session.memory.in().force(car.bytes());
        }
        session.deadlines.renew(What.ANSWER, session.now + session.phase);
        if (session.dialect.endsAnswer(car)) {
            session.backlog.peerAnswered(session.counters.carsReceived);
        }
    }

    /** Drops a CAR of a peer without the right to send any. */
    private void refuse(ReceivedCar car) {
        session.counters.carsDone++;
        session.backlog.stored(session.counters.carsDone);
        control.refuse(session.counters.carsReceived, null, Permissions.READ_ONLY);
        control.ackNow();
        session.deadlines.renew(What.ANSWER, session.now + session.phase);
        if (session.dialect.endsAnswer(car)) {
            session.backlog.peerAnswered(session.counters.carsReceived);
        }
    }

    private void reconcile(WireMessage.Reconcile part, long bytes) {
        WireMessage.Diff stated = session.dialect.comparison().received(part);
        session.deadlines.renew(What.RECONCILIATION, session.now + session.phase);
        session.deadlines.renew(What.ANSWER, session.now + session.phase);
        if (stated != null) {
            diff(stated, bytes);
        }
    }

    private void diff(WireMessage.Diff diff, long bytes) {
        diffCame = true;
        session.echoes.clear(); // the peer says itself what it has; what it sent and doesn't name, it has lost
        // What a peer may not send is no backlog.
        session.backlog.announced(session.permissions.peerWrites() ? diff.clock() : List.of());
        if (!session.permissions.reads()) {
            // It is told to say the same whatever it has.
        } else if (diff.whole() == null) {
            session.peerClock.stated(diff.clock());
            session.statedHeads.stated(diff.clock());
        } else {
            session.peerClock.stated(diff.whole());
        }
        session.dialect.stated(diff);
        outbound.asked(diff, bytes);
    }

    private void control(WireMessage text) {
        if (text instanceof WireMessage.Credit credit) {
            if (session.window != null) {
                outbound.granted(credit.bytes());
            }
        } else if (text instanceof WireMessage.Ack ack) {
            if (session.acks) {
                acknowledged(ack);
            }
        } else if (text instanceof WireMessage.Access access) {
            session.permissions.stated(access.rights(), diffCame);
            session.blocks.permitted();
        } else if (text instanceof WireMessage.Refused refused) {
            if (session.config.features().contains(Feature.RIGHTS)) {
                refused(refused);
            }
        } else if (text instanceof WireMessage.Ping ping) {
            control.pong(heartbeat ? ping.number() : null);
        } else if (text instanceof WireMessage.Failure failure) {
            ending.fail(session.failures.told(failure), null, false);
        } else if (text instanceof WireMessage.WantBlocks want) {
            session.blocks.wanted(want);
        } else if (text instanceof WireMessage.AbsentBlocks absent) {
            session.blocks.absent(absent);
        } else if (text instanceof WireMessage.HaveBlocks have) {
            session.blocks.present(have);
        } else if (text instanceof WireMessage.GoAway away) {
            session.effects.askedToLeave(away.millis());
        } else if (text instanceof WireMessage.Bye) {
            parting.peerLeaves();
        }
    }

    private void refused(WireMessage.Refused refused) {
        Counters counters = session.counters;
        long most = counters.carsSent - counters.carsAnswered - refusedUnanswered;
        if (refused.car() < 1 || refused.car() > counters.carsSent || refused.cars() < 1 || refused.cars() > most) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "a refusal of " + refused.cars() + " CARs from CAR " + refused.car() + " on, where "
                            + counters.carsSent + " were sent and " + most + " are not answered");
        }
        refusedUnanswered += refused.cars();
        session.permissions.refused(refused.car(), session.failures.refused(refused));
    }

    private void acknowledged(WireMessage.Ack ack) {
        Counters counters = session.counters;
        if (ack.cars() > counters.carsSent || ack.cars() < counters.carsAnswered + refusedUnanswered) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "an ack for " + ack.cars() + " CARs, where " + counters.carsSent + " were sent and "
                            + (counters.carsAnswered + refusedUnanswered) + " acknowledged or refused before");
        }
        counters.carsAnswered = ack.cars();
        session.lag.acknowledged(ack.cars());
        counters.carsRefused += refusedUnanswered;
        refusedUnanswered = 0;
        if (ack.heads() != null) {
            session.peerClock.stated(ack.heads());
            session.statedHeads.stated(ack.heads());
        } else if (ack.whole() != null) {
            session.peerClock.stated(ack.whole());
        }
        if (ack.cars() == counters.carsSent) {
            session.deadlines.clear(What.ACK);
        } else {
            session.deadlines.renew(What.ACK, session.now + session.phase);
        }
        session.backlog.acknowledged(ack.cars());
        session.effects.statisticsChanged();
    }
}
