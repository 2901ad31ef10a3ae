package dev.livesync.core.protocol;

import dev.livesync.api.transport.Message;
import dev.livesync.core.message.ControlText;
import org.jspecify.annotations.Nullable;

/** The control messages that are to be sent, of which there is at most one of each kind. Each is made when it is asked for. */
final class ControlMessages {
    private final ProtocolState session;
    private boolean ackDue;

    /** Whether the peer was told all our heads when we told them last, so that it can keep up with what it gets. */
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

    /** Something was stored, and is to be acknowledged where acks are spoken. */
    void ack() {
        ackDue = session.acks;
    }

    /** Our diff told our heads: all of them, or some. */
    void told(boolean all) {
        told = all;
    }

    /** A CAR was sent whose acknowledgement will be heard: a peer that does not know all our heads is told them anew. */
    void sent() {
        ackDue |= !told;
    }

    /** It is time to say that we are still here. */
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

    /** The next one, which counts as sent; null if there is none. */
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
