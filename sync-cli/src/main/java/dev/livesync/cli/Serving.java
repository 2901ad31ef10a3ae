package dev.livesync.cli;

import dev.livesync.Session;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import java.util.concurrent.CompletableFuture;

/** What a command does with the one session that it opened. */
final class Serving {
    private Serving() {}

    /** Leaves as soon as both ends are known to be equal, and says what it took. */
    static void once(Console console, Output output, Database database, Session session) {
        try {
            Waiting.on(session.awaitEqual());
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.CLOSED) {
                throw e;
            }
            throw new SyncException(
                    e.kind(), session.peer().remote() + " left before both sides were equal; run the command again", e);
        }
        dev.livesync.Progress counts = session.statistics();
        session.close();
        Waiting.on(session.closed());
        if (output.json) {
            console.result(Json.object(
                    "equal", true,
                    "heads", database.clock().stream().map(Cid::toString).toList(),
                    "eventsReceived", counts.eventsReceived(),
                    "eventsSent", counts.eventsSent(),
                    "bytesReceived", counts.bytesReceived(),
                    "bytesSent", counts.bytesSent()));
        } else {
            console.result("equal: received " + counts.eventsReceived() + " events, " + counts.bytesReceived()
                    + " bytes; sent " + counts.eventsSent() + " events, " + counts.bytesSent() + " bytes");
        }
    }

    /**
     * Stays until the process is to end or the session has ended.
     *
     * @throws SyncException what ended the session, if it wasn't closed in order
     */
    static void untilStopped(Session session, Interruption interruption) {
        interruption.enter(Interruption.Phase.SERVING);
        CompletableFuture<Void> closed = session.closed().toCompletableFuture();
        Waiting.on(CompletableFuture.anyOf(interruption.asked().toCompletableFuture(), closed));
        if (interruption.asked().toCompletableFuture().isDone()) {
            session.close();
            Waiting.on(closed);
        }
    }
}
