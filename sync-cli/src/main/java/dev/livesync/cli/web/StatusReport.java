package dev.livesync.cli.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.Session;
import dev.livesync.SessionStatistics;
import dev.livesync.Sync;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.database.Database;
import dev.livesync.database.maintenance.DatabaseCounts;
import dev.livesync.monitor.Lag;
import dev.livesync.monitor.RefusedCaller;
import dev.livesync.monitor.SyncCounts;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is going on, as JSON: what the status page and {@code top} show. It holds no secrets and nothing of documents. */
public final class StatusReport {
    private static final List<String> EXCHANGED = List.of(
            "sessionsOpened",
            "sessionsClosed",
            "sessionsFailed",
            "refused",
            "changesRefused",
            "bytesSent",
            "bytesReceived",
            "messagesSent",
            "messagesReceived",
            "commits",
            "commitsRunning",
            "commitsWaiting",
            "bytesArriving",
            "bytesLeaving");

    private StatusReport() {}

    /**
     * Describes databases and their sessions.
     *
     * @param databases which; those that are closed meanwhile are left out
     * @param time when this is
     * @return {@code time}, and {@code databases} with their counts, {@code sessions} and latest {@code refusals}
     */
    public static ObjectNode of(Collection<MonitoredDatabase> databases, Instant time) {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("time", time.toString());
        ArrayNode array = report.putArray("databases");
        for (MonitoredDatabase monitored : databases) {
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            try {
                node.put("name", monitored.name());
                stored(node, monitored);
                exchanged(node, monitored.sync());
            } catch (SyncException e) {
                continue; // it was closed meanwhile
            }
            array.add(node);
        }
        return report;
    }

    private static void stored(ObjectNode node, MonitoredDatabase monitored) {
        Database database = monitored.database();
        Summary summary = database == null ? summary(monitored.replica()) : database.summary();
        monitored.problem().get().ifPresent(problem -> node.put("problem", problem));
        node.put("documents", summary.documents());
        node.put("events", summary.events());
        node.put("pending", summary.pending());
        node.put("bytes", summary.bytes());
        if (database != null) {
            counted(node, database.counts());
        }
    }

    private static Summary summary(Replica replica) {
        try (Snapshot snapshot = replica.snapshot()) {
            return snapshot.summary();
        }
    }

    /** What only a database in a directory or in memory counts: a store is others', too. */
    private static void counted(ObjectNode node, DatabaseCounts counts) {
        node.put("transactions", counts.transactions());
        node.put("written", counts.bytesWritten());
        node.put("forces", counts.forces());
        node.put("forceMillis", counts.forceTime().toMillis());
        node.put("merges", counts.merges());
        node.put("mergeMillis", counts.mergeTime().toMillis());
        node.put("waiting", counts.waiting());
        node.put("compactions", counts.compactions());
        node.put("checkpoints", counts.checkpoints());
        node.put("maintenanceFailures", counts.maintenanceFailures());
    }

    private static void exchanged(ObjectNode node, @Nullable Sync sync) {
        ArrayNode sessions = node.putArray("sessions");
        ArrayNode refusals = node.putArray("refusals");
        if (sync == null) {
            EXCHANGED.forEach(field -> node.put(field, 0));
            return;
        }
        SyncCounts counts = sync.counts();
        node.put("sessionsOpened", counts.sessionsOpened());
        node.put("sessionsClosed", counts.sessionsClosed());
        node.put("sessionsFailed", sum(counts.sessionsFailed().values()));
        node.put("refused", sum(counts.callersRefused().values()));
        node.put("changesRefused", counts.changesRefused());
        node.put("bytesSent", counts.bytesSent());
        node.put("bytesReceived", counts.bytesReceived());
        node.put("messagesSent", counts.messagesSent());
        node.put("messagesReceived", counts.messagesReceived());
        node.put("commits", counts.commits());
        node.put("commitsRunning", counts.commitsRunning());
        node.put("commitsWaiting", counts.commitsWaiting());
        node.put("bytesArriving", counts.bytesArriving());
        node.put("bytesLeaving", counts.bytesLeaving());
        for (Session session : sync.sessions()) {
            describe(sessions.addObject(), session);
        }
        for (RefusedCaller caller : counts.latestRefusals()) {
            refusals.addObject()
                    .put("time", caller.time().toString())
                    .put("remote", caller.remote())
                    .put("kind", caller.kind().name())
                    .put("reason", caller.reason());
        }
    }

    private static void describe(ObjectNode node, Session session) {
        SessionStatistics counts = session.statistics();
        Lag lag = session.lag();
        node.put("id", session.id());
        node.put("peer", session.peer().remote());
        node.put("grant", session.peer().grant().orElse(""));
        node.put("rights", session.peer().rights().label());
        node.put("alpha", session.peer().isAlpha());
        node.put("transport", session.transport());
        node.put("state", state(session));
        node.put("status", session.status().label());
        node.put("bytesSent", counts.bytesSent());
        node.put("bytesReceived", counts.bytesReceived());
        node.put("eventsSent", counts.eventsSent());
        node.put("eventsReceived", counts.eventsReceived());
        node.put("lagEvents", lag.events());
        node.put("lagMillis", lag.time().toMillis());
    }

    /** In few words, as the metrics have it. */
    private static String state(Session session) {
        return switch (session.status()) {
            case NEW, OFFERING, ACCEPTING, CONNECTING, PROVING -> "connecting";
            case CLOSING, DESTROYED -> "closing";
            default -> session.equal() ? "equal" : "syncing";
        };
    }

    private static long sum(Collection<Long> counts) {
        return counts.stream().mapToLong(Long::longValue).sum();
    }
}
