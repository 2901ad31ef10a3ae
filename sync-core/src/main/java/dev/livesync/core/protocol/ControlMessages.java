package dev.livesync.core.protocol;

import dev.livesync.api.transport.Message;
import dev.livesync.core.message.ControlText;
import org.jspecify.annotations.Nullable;

/** The control messages that are to be sent, at most one of each kind. Each is made when it is polled. */
final class ControlMessages {
    private final ProtocolState session;
    private boolean ackDue;

    /** Whether our last list of heads was complete, so that the peer can follow our clock with what it gets. */
    private boolean told = true;

    private boolean creditDue;
    private boolean pingDue;
    private int ping;
    private @Nullable Long pongDue;
    private boolean byeDue;
    private boolean byeSent;

    ControlMessages(ProtocolState session) {
        this.session = session;
    }

    /** Schedules an ack for what was stored, if both speak acks. */
    void ack() {
        ackDue = session.acks;
    }

    /** Records whether our diff listed all our heads or a part. */
    void told(boolean all) {
        told = all;
    }

    /** Called for a sent CAR that will be acknowledged: a peer that doesn't know all our heads is sent them again. */
    void sent() {
        ackDue |= !told;
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

    void bye(boolean due) {
        byeDue = due;
    }

    boolean byeSent() {
        return byeSent;
    }

    /** Takes the next message, which counts as sent; null if there is none. */
    @Nullable
    Message next() {
        Window window = session.window;
        if (window != null && (window.due() || creditDue)) {
            creditDue = false;
            return ControlText.credit(window.tell());
        }
        int max = session.config.maxMessageBytes();
        if (ackDue) {
            ackDue = false;
            if (session.headsMoved) {
                session.heads = session.currentHeads();
            }
            told = ControlText.namesHeads(session.heads.size(), max);
            return ControlText.ack(session.counters.carsCommitted, session.heads, max);
        }
        if (pongDue != null) {
            Message pong = ControlText.pong(pongDue);
            pongDue = null;
            return pong;
        }
        if (pingDue) {
            pingDue = false;
            return ControlText.ping(ping);
        }
        if (byeDue) {
            byeDue = false;
            byeSent = true;
            return ControlText.bye();
        }
        return null;
    }
}
