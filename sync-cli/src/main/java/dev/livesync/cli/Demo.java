package dev.livesync.cli;

import dev.livesync.Endpoint;
import dev.livesync.OpenAnswer;
import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.SessionStatistics;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Runs a whole synchronisation once, between two databases of this process over a real socket. */
final class Demo {
    private static final String LOOPBACK = "ws://127.0.0.1:0/";
    private static final String FROM_A = "livesync-demo/from-a";
    private static final String FROM_B = "livesync-demo/from-b";
    private static final String NOTE = "note";

    /** The outcome; both sides are equal. */
    record Result(Fingerprint a, Fingerprint b, String conflict, String deleted, long bytes, long nanos) {}

    private final Database a;
    private final Database b;
    private final Console console;

    Demo(Database a, Database b, Console console) {
        this.a = a;
        this.b = b;
        this.console = console;
    }

    /**
     * Runs the demo.
     *
     * @throws SyncException if the outcome is wrong
     */
    Result run() {
        long begin = System.nanoTime();
        List<String> ids = firstTwo(a);
        String conflict = ids.get(0);
        String deleted = ids.get(1);
        long bytes;
        try (Sync syncA = new Sync(a);
                Sync syncB = new Sync(b)) {
            bytes = together(syncA, syncB);
            change(a, conflict, "written at A while apart");
            change(b, conflict, "written at B while apart");
            a.delete(deleted);
            bytes += again(syncA, syncB);
        }
        long nanos = System.nanoTime() - begin;
        Fingerprint atA = Fingerprint.of(a);
        Fingerprint atB = Fingerprint.of(b);
        require(atA.equals(atB), "the databases differ: " + atA + " and " + atB);
        require(a.get(deleted).isEmpty() && b.get(deleted).isEmpty(), "the deleted document came back");
        require(deleted.equals(FROM_A) || b.get(FROM_A).isPresent(), "A's live put is missing");
        require(a.get(FROM_B).isPresent(), "B's live put is missing");
        Object winner = a.get(conflict).map(d -> d.toMap().get(NOTE)).orElse("");
        require(String.valueOf(winner).startsWith("written at "), "neither side's write of the conflict is there");
        console.note("conflict resolved: both read what was " + winner);
        return new Result(atA, atB, conflict, deleted, bytes, nanos);
    }

    /** A offers, B accepts, A connects; then a live put from each side. */
    private long together(Sync syncA, Sync syncB) {
        try (OpenOffer proposal = Waiting.on(syncA.openOffer("websocket"));
                OpenAnswer acceptance = Waiting.on(syncB.openAnswer(proposal.text()));
                Session atA = Waiting.on(proposal.connect(acceptance.text()));
                Session atB = Waiting.on(acceptance.session())) {
            Waiting.on(atA.backlog());
            Waiting.on(atB.backlog());
            console.note("offer, answer, connect: " + atA.statistics().eventsSent() + " events, in step");
            live(a, b, FROM_A, "put at A");
            live(b, a, FROM_B, "put at B");
            Waiting.on(atA.awaitEqual());
            return end(atA, atB);
        }
    }

    /** B listens, A dials. */
    private long again(Sync syncA, Sync syncB) {
        try (Endpoint endpoint = Waiting.on(syncB.listen(LOOPBACK));
                Session atA = Waiting.on(syncA.dial(endpoint.address()))) {
            Waiting.on(atA.awaitEqual());
            console.note("listen, dial: in step again");
            return end(atA, null);
        }
    }

    private static long end(Session session, @Nullable Session other) {
        SessionStatistics counts = session.statistics();
        session.close();
        Waiting.on(session.closed());
        if (other != null) {
            Waiting.on(other.closed());
        }
        return counts.bytesSent() + counts.bytesReceived();
    }

    private void live(Database from, Database to, String id, String note) {
        CompletableFuture<Long> seen = new CompletableFuture<>();
        try (Subscription subscription = to.subscribe(ids -> {
            if (ids.contains(id)) {
                seen.complete(System.nanoTime());
            }
        })) {
            long put = System.nanoTime();
            from.put(Document.of(id, Map.of(NOTE, note)));
            try {
                long micros = (Waiting.on(seen.orTimeout(30, TimeUnit.SECONDS)) - put) / 1_000;
                console.note("live: " + note + ", visible at the other side after " + micros + " us");
            } catch (SyncException e) {
                require(!(e.getCause() instanceof TimeoutException), note + " did not reach the other side");
                throw e;
            }
        }
    }

    private static void change(Database database, String id, String note) {
        Optional<Document> document = database.get(id);
        require(document.isPresent(), "\"" + id + "\" did not arrive");
        Map<String, @Nullable Object> fields =
                new HashMap<>(document.orElseThrow().toMap());
        fields.put(NOTE, note);
        database.put(document.orElseThrow().with(fields));
    }

    /** The first two ids; if there is but one record, a live put stands in for the second. */
    private static List<String> firstTwo(Database database) {
        List<String> ids =
                new ArrayList<>(database.documents().map(Document::id).limit(2).toList());
        if (ids.size() < 2) {
            ids.add(FROM_A);
        }
        return ids;
    }

    private static void require(boolean met, String otherwise) {
        if (!met) {
            throw new SyncException(ErrorKind.INTERNAL, "demo: " + otherwise);
        }
    }
}
