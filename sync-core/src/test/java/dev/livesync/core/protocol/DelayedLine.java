package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Message;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Two sessions over a line with a delay and a rate, in virtual time, of which nothing else takes any. The left end is the initiator: its session begins
 * at 0, when its handshake is over, and the other one a delay later, when the initiator's last message has come.
 */
final class DelayedLine {
    /** As much as a WebSocket keeps for a slow socket. */
    private static final long BUFFER_BYTES = 512 << 10;

    private static final int MOST_STEPS = 1_000_000;

    private record Flight(long arrival, Message message) {}

    /** One end, and what is on its way to the other. */
    private final class End {
        final TestDb db;
        final ManualSession session;
        final long opens;
        final Deque<Flight> wire = new ArrayDeque<>();
        boolean open;
        long busyUntil;
        long firstDocument = Deadlines.NEVER;

        End(TestDb db, ProtocolConfig config, long opens) {
            this.db = db;
            this.opens = opens;
            session = new ManualSession(db.replica(), config);
        }

        /** Does what can be done now, but for taking messages. */
        boolean work() {
            if (!open) {
                if (opens > now) {
                    return false;
                }
                open = true;
                session.protocol.open(now);
                return true;
            }
            if (session.wakeUp) {
                session.wakeUp = false;
                session.protocol.changed(now);
                return true;
            }
            if (!session.commits.isEmpty()) {
                session.now = now;
                session.commitOne();
                if (firstDocument == Deadlines.NEVER && !db.documents().isEmpty()) {
                    firstDocument = now;
                }
                return true;
            }
            if (session.protocol.nextDeadline() - now <= 0) {
                session.protocol.tick(now);
                return true;
            }
            Message message = roomAt() <= now ? session.protocol.poll(now) : null;
            if (message == null) {
                return false;
            }
            busyUntil = Math.max(now, busyUntil) + nanos(message.size());
            wire.add(new Flight(busyUntil + delay, message));
            return true;
        }

        boolean take(End from) {
            if (!open || from.wire.isEmpty() || from.wire.element().arrival() > now || session.requested == 0) {
                return false;
            }
            session.requested--;
            session.protocol.received(from.wire.remove().message(), now);
            return true;
        }

        long roomAt() {
            return busyUntil - nanos(BUFFER_BYTES);
        }

        /** When something happens next by itself. */
        long next() {
            if (!open) {
                return opens;
            }
            long next = session.protocol.nextDeadline();
            next = next == Deadlines.NEVER ? Long.MAX_VALUE : next;
            if (!wire.isEmpty() && wire.element().arrival() > now) {
                next = Math.min(next, wire.element().arrival());
            }
            return roomAt() > now ? Math.min(next, roomAt()) : next;
        }
    }

    private final long delay;
    private final long bytesPerSecond;
    private final End initiator;
    private final End responder;
    private long now;

    /**
     * Creates a line.
     *
     * @param delay from one end to the other, in nanoseconds
     * @param bytesPerSecond of each direction
     */
    DelayedLine(TestDb initiator, TestDb responder, long delay, long bytesPerSecond) {
        this.delay = delay;
        this.bytesPerSecond = bytesPerSecond;
        this.initiator = new End(initiator, config(false), 0);
        this.responder = new End(responder, config(true), delay);
    }

    private static ProtocolConfig config(boolean listensFirst) {
        return ManualSession.config(ManualSession.NATIVE, listensFirst, ProtocolLimits.DEFAULT, 1 << 20);
    }

    private long nanos(long bytes) {
        return bytes * 1_000_000_000L / bytesPerSecond;
    }

    /** Runs until both have the same heads; says when, in round trips. */
    double untilEqual() {
        for (int i = 0; !initiator.db.heads().equals(responder.db.heads()); i++) {
            assertThat(i).as("steps").isLessThan(MOST_STEPS);
            step();
        }
        return trips(now);
    }

    private void step() {
        if (initiator.work() || responder.work() || initiator.take(responder) || responder.take(initiator)) {
            return;
        }
        now = Math.min(initiator.next(), responder.next());
        assertThat(initiator.session.failure).isNull();
        assertThat(responder.session.failure).isNull();
    }

    /** When the first document came to the initiator, in round trips. */
    double firstAtInitiator() {
        return trips(initiator.firstDocument);
    }

    /** When the first document came to the responder, in round trips. */
    double firstAtResponder() {
        return trips(responder.firstDocument);
    }

    private double trips(long time) {
        return time / (2.0 * delay);
    }
}
