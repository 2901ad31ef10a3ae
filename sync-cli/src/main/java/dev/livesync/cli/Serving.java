package dev.livesync.cli;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.SessionStatistics;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import java.util.concurrent.CompletableFuture;

/** Serves the one session that a command opened. */
final class Serving {
    /** More bytes than heartbeats take while nothing else is transferred. */
    private static final long MOVED_BYTES = 16 << 10;

    private Serving() {}

    /** Ends the session as soon as both ends are known to be equal, and prints statistics. */
    static void once(Console console, Output output, Database database, Session session, boolean fetchesAttachments) {
        try {
            Waiting.on(
                    equality(session),
                    Waiting.Schedule.DEFAULT,
                    () -> moved(session),
                    () -> console.note("waiting until both sides are equal; nothing has come from or gone to "
                            + session.peer().remote() + " for a while"),
                    () -> notEqual(session));
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.REFUSED) {
                partly(console, output, database, session);
                return;
            }
            if (e.kind() != ErrorKind.CLOSED) {
                throw e;
            }
            throw new SyncException(
                    e.kind(), session.peer().remote() + " left before both sides were equal; run the command again", e);
        }
        if (fetchesAttachments) {
            NamedContent.fetch(database, console);
        }
        report(console, output, database, session, true);
    }

    /** Where the two can't become equal for want of a right, what may be exchanged is exchanged; the rest is the outcome. */
    private static void partly(Console console, Output output, Database database, Session session) {
        Waiting.on(session.backlog());
        Waiting.on(session.delivered());
        report(console, output, database, session, false);
    }

    private static void report(Console console, Output output, Database database, Session session, boolean equal) {
        SessionStatistics counts = session.statistics();
        session.close();
        Waiting.on(session.closed());
        if (output.json) {
            console.result(JsonOutput.object(
                    "equal", equal,
                    "heads", database.clock().stream().map(Cid::toString).toList(),
                    "eventsReceived", counts.eventsReceived(),
                    "eventsSent", counts.eventsSent(),
                    "bytesReceived", counts.bytesReceived(),
                    "bytesSent", counts.bytesSent(),
                    "proved", !session.peer().isAlpha()));
        } else {
            console.result((equal ? "equal" : "done") + ": received " + counts.eventsReceived() + " events, "
                    + counts.bytesReceived() + " bytes; sent " + counts.eventsSent() + " events, " + counts.bytesSent()
                    + " bytes"
                    + (session.peer().isAlpha() ? "; the other side is an alpha and has proved nothing" : ""));
        }
    }

    /**
     * Completes when both ends are equal, or fails with the reason why they can't be: events that the peer announced and never sent stay
     * pending here.
     */
    private static CompletableFuture<Void> equality(Session session) {
        CompletableFuture<Void> equality = session.awaitEqual();
        var unused = session.backlog().whenComplete((nothing, failure) -> {
            if (failure != null) {
                equality.completeExceptionally(failure);
            }
        });
        return equality;
    }

    /** Counts transferred bytes, in steps that pings don't reach during the wait. */
    private static long moved(Session session) {
        SessionStatistics counts = session.statistics();
        return counts.eventsSent()
                + counts.eventsReceived()
                + counts.carsSent()
                + counts.carsReceived()
                + counts.carsAcknowledged()
                + (counts.bytesSent() + counts.bytesReceived()) / MOVED_BYTES;
    }

    private static SyncException notEqual(Session session) {
        return new SyncException(
                ErrorKind.TIMEOUT,
                session.peer().remote() + " and this side are not equal, and nothing has moved for "
                        + Waiting.Schedule.DEFAULT.looks()
                        + " s: one of them holds events whose ancestors neither has; look at status on both, and run the command again");
    }

    /**
     * Waits until the process is to end or dialling again can't help.
     *
     * @throws SyncException what stopped the peer, or what could not be delivered at the end
     */
    static void untilStopped(KeptPeer peer, Interruption interruption) {
        interruption.enter(Interruption.Phase.SERVING);
        CompletableFuture<Void> closed = peer.closed();
        Waiting.on(CompletableFuture.anyOf(interruption.asked(), closed));
        if (interruption.asked().isDone()) {
            peer.close();
            Waiting.on(closed);
        }
    }

    /**
     * Waits until the process is to end or the session has ended.
     *
     * @throws SyncException what ended the session, if it wasn't closed in order
     */
    static void untilStopped(Session session, Interruption interruption) {
        interruption.enter(Interruption.Phase.SERVING);
        CompletableFuture<Void> closed = session.closed();
        Waiting.on(CompletableFuture.anyOf(interruption.asked(), closed));
        if (interruption.asked().isDone()) {
            session.close();
            Waiting.on(closed);
        }
    }
}
