package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.WireEncoding;
import dev.livesync.core.message.WireMessage;
import org.jspecify.annotations.Nullable;

/** The control messages that are to be sent, at most one of each kind. Each is made when it is polled. */
final class ControlMessages {
    /**
     * After an ack the next is held back for so long, to tell of more at once: a peer that writes all the time gets four a second. Who waits
     * for one says so.
     */
    private static final long HELD_BACK_NANOS = 250_000_000L;

    private final ProtocolState session;
    private final WireEncoding encoding;
    private boolean rightsDue;
    private long refusedCar;
    private long refusedCars;
    private @Nullable Cid refusedEvent;
    private String refusedWhy = "";
    private boolean ackDue;
    private boolean ackWanted;
    private boolean wantAck;
    private long nextAck;
    private boolean acked;
    private boolean heldBack;

    private boolean creditDue;
    private boolean againDue;
    private boolean pingDue;
    private int ping;
    private @Nullable Long pongDue;
    private boolean goAwayDue;
    private long stays;
    private boolean byeDue;
    private boolean byeSent;

    ControlMessages(ProtocolState session) {
        this.session = session;
        encoding = session.dialect.encoding();
    }

    /** Schedules the statement of the peer's rights. */
    void rights() {
        rightsDue = true;
    }

    /**
     * Schedules a refusal. One that waits already counts this one, too: it names the first.
     *
     * @param car which of those received
     * @param event what was refused in it; null for all of it
     */
    void refuse(long car, @Nullable Cid event, String why) {
        if (refusedCars++ == 0) {
            refusedCar = car;
            refusedEvent = event;
            refusedWhy = why;
        }
    }

    /** Schedules an ack for what was stored, if both speak acks. */
    void ack() {
        boolean later = acked
                && encoding.mergesAcks()
                && !ackWanted
                && !session.parting
                && session.backlog.isOver()
                && nextAck - session.now > 0;
        if (later) {
            heldBack = true;
            session.deadlines.start(Deadlines.What.OWN_ACK, nextAck);
        } else {
            ackNow();
        }
    }

    /** Schedules the ack that is held back, if one is. */
    void holdNothingBack() {
        ackDue |= heldBack;
    }

    /** Schedules an ack that was held back, or that the peer waits for. */
    void ackNow() {
        ackDue = session.acks;
    }

    /** Called when the peer waits for an ack of what it has sent: nothing is held back until it has one. */
    void ackWanted() {
        if (session.counters.carsDone < session.counters.carsReceived) {
            ackWanted = true;
        } else {
            ackNow();
        }
    }

    /** Schedules the wish for an ack. */
    void wantAck() {
        wantAck = encoding.mergesAcks();
    }

    /** Called for a sent CAR that will be acknowledged: a peer that doesn't know all our heads is sent them again. */
    void sent() {
        ackDue |= !session.clockTold;
    }

    /** Schedules the wish that the peer states again what it has. */
    void again() {
        againDue = true;
    }

    /** Schedules a repeated credit as a sign of life. */
    void credit() {
        creditDue = true;
    }

    void ping(int number) {
        pingDue = true;
        ping = number;
    }

    void noPing() {
        pingDue = false;
    }

    void pong(@Nullable Long number) {
        pongDue = number;
    }

    /**
     * Schedules the wish that the peer ends the session and comes back, if it would understand.
     *
     * @param millis how long this end stays
     */
    void goAway(long millis) {
        goAwayDue = encoding.knowsGoAway();
        stays = millis;
    }

    void bye(boolean due) {
        byeDue = due;
    }

    boolean byeSent() {
        return byeSent;
    }

    /** Takes the next message, which counts as sent; null if there is none. */
    @Nullable
    Message next() {
        WireMessage next = due();
        return next == null ? null : encoding.control(next);
    }

    private @Nullable WireMessage due() {
        if (rightsDue) {
            rightsDue = false;
            return new WireMessage.Access(session.permissions.peers());
        }
        Window window = session.window;
        if (window != null && (window.due() || creditDue)) {
            creditDue = false;
            return new WireMessage.Credit(window.tell());
        }
        if (refusedCars > 0) {
            // Before the ack that counts it.
            WireMessage refusal = new WireMessage.Refused(refusedCar, refusedCars, refusedEvent, refusedWhy);
            refusedCars = 0;
            return refusal;
        }
        if (ackDue) {
            ackDue = false;
            acked = true;
            heldBack = false;
            nextAck = session.now + HELD_BACK_NANOS;
            ackWanted &= session.counters.carsDone < session.counters.carsReceived;
            session.deadlines.clear(Deadlines.What.OWN_ACK);
            return acknowledgement();
        }
        if (wantAck) {
            wantAck = false;
            return new WireMessage.WantAck();
        }
        if (againDue) {
            againDue = false;
            return new WireMessage.Again();
        }
        if (pongDue != null) {
            WireMessage pong = new WireMessage.Pong(pongDue);
            pongDue = null;
            return pong;
        }
        if (pingDue) {
            pingDue = false;
            return new WireMessage.Ping(ping);
        }
        if (goAwayDue && !byeSent) {
            goAwayDue = false;
            return new WireMessage.GoAway(stays);
        }
        if (byeDue) {
            byeDue = false;
            byeSent = true;
            return new WireMessage.Bye();
        }
        return byeSent ? null : session.blocks.control();
    }

    private WireMessage acknowledgement() {
        long cars = session.counters.carsDone;
        if (!session.permissions.peerReads()) {
            return new WireMessage.Ack(cars, null, null);
        }
        if (session.headsMoved) {
            session.heads = session.currentHeads();
        }
        session.clockTold = encoding.namesHeads(session.heads.size(), session.config.maxMessageBytes());
        return WireMessage.Ack.of(cars, session.heads, session.clockTold);
    }
}
