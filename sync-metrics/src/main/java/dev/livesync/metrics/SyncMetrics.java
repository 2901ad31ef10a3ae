package dev.livesync.metrics;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.database.Database;
import dev.livesync.monitor.SyncCounts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Binds the numbers of one database, and of the {@code Sync} that keeps it in step, to a registry. {@code docs/metrics.md} says what each is; all
 * have the tag {@code database}, and no other tag can have more than a handful of values: no ids of documents, no peers, no secrets.
 *
 * <pre>{@code
 * new SyncMetrics("orders", database, sync).bindTo(registry);
 * }</pre>
 *
 * <p>Nothing is counted twice or kept: each number is asked for when the registry wants it, which takes no lock that a write waits for. The registry
 * refers to database and {@code Sync} weakly; when they are closed, gauges of what is stored become NaN, and counts stay as they were.
 *
 * <p>Any thread.
 */
public final class SyncMetrics implements MeterBinder {
    private final String name;
    private final Database database;
    private final Sync sync;

    /**
     * Makes a binder.
     *
     * @param name what the database is called, as the value of the tag; where several are bound to one registry, each has its own
     * @param database whose numbers; stays the caller's
     * @param sync what keeps that database in step; stays the caller's
     */
    public SyncMetrics(String name, Database database, Sync sync) {
        this.name = Objects.requireNonNull(name, "name");
        this.database = Objects.requireNonNull(database, "database");
        this.sync = Objects.requireNonNull(sync, "sync");
    }

    /**
     * Registers the meters.
     *
     * @param registry where
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        Tags tags = Tags.of("database", name);
        DatabaseMeters.bind(database, new MeterBuilder<>(registry, database, tags));
        sessions(new MeterBuilder<>(registry, sync, tags));
        work(new MeterBuilder<>(registry, sync, tags));
    }

    private void sessions(MeterBuilder<Sync> meters) {
        for (String transport : sync.counts().transports()) {
            for (SessionState state : SessionState.values()) {
                meters.with("transport", transport)
                        .with("state", state.tag())
                        .gauge("livesync.sessions", "Open sessions", "", s -> count(s, transport, state));
            }
        }
        meters.counter(
                "livesync.sessions.opened",
                "Sessions that have opened",
                "",
                s -> s.counts().sessionsOpened());
        String ended = "Sessions that have ended";
        meters.with("outcome", "closed")
                .counter("livesync.sessions.ended", ended, "", s -> s.counts().sessionsClosed());
        meters.with("outcome", "transient")
                .counter("livesync.sessions.ended", ended, "", s -> failures(s.counts(), true));
        meters.with("outcome", "permanent")
                .counter("livesync.sessions.ended", ended, "", s -> failures(s.counts(), false));
        for (RefusalReason reason : RefusalReason.values()) {
            meters.with("reason", reason.tag())
                    .counter(
                            "livesync.callers.refused",
                            "Callers that got no session",
                            "",
                            s -> reason.count(s.counts().callersRefused()));
        }
        meters.counter(
                "livesync.changes.refused",
                "How often peers did not take changes of this database",
                "",
                s -> s.counts().changesRefused());
        meters.gauge(
                "livesync.lag.events",
                "Events that the peer furthest behind lacks",
                "",
                s -> s.sessions().stream()
                        .mapToLong(session -> session.lag().events())
                        .max()
                        .orElse(0));
        meters.timeGauge(
                "livesync.lag",
                "How long a peer has lacked an event",
                s -> s.sessions().stream()
                        .map(session -> session.lag().time())
                        .max(Comparator.naturalOrder())
                        .orElse(Duration.ZERO));
    }

    private static void work(MeterBuilder<Sync> meters) {
        String bytes = "Payload of messages";
        MeterBuilder<Sync> in = meters.with("direction", "in");
        MeterBuilder<Sync> out = meters.with("direction", "out");
        in.counter("livesync.traffic", bytes, "bytes", s -> s.counts().bytesReceived());
        out.counter("livesync.traffic", bytes, "bytes", s -> s.counts().bytesSent());
        in.counter("livesync.messages", "Messages", "", s -> s.counts().messagesReceived());
        out.counter("livesync.messages", "Messages", "", s -> s.counts().messagesSent());
        String transit = "Memory for what is under way";
        in.gauge("livesync.transit", transit, "bytes", s -> s.counts().bytesArriving());
        out.gauge("livesync.transit", transit, "bytes", s -> s.counts().bytesLeaving());
        meters.counter(
                "livesync.events.received",
                "Events that became complete through sessions",
                "",
                s -> s.counts().eventsCommitted());
        meters.counter(
                "livesync.commits",
                "Commits of what peers have sent",
                "",
                s -> s.counts().commits());
        meters.gauge(
                "livesync.commits.running",
                "Commits of what peers have sent, under way",
                "",
                s -> s.counts().commitsRunning());
        meters.gauge(
                "livesync.commits.waiting",
                "Commits of what peers have sent that wait for others",
                "",
                s -> s.counts().commitsWaiting());
    }

    private static long count(Sync sync, String transport, SessionState state) {
        return sync.sessions().stream()
                .filter(session -> session.transport().equals(transport) && SessionState.of(session) == state)
                .count();
    }

    private static long failures(SyncCounts counts, boolean passing) {
        return counts.sessionsFailed().entrySet().stream()
                .filter(entry -> entry.getKey().isTransient() == passing)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** What a session is doing, in few words. */
    private enum SessionState {
        CONNECTING,
        SYNCING,
        EQUAL,
        CLOSING;

        static SessionState of(Session session) {
            return switch (session.status()) {
                case NEW, OFFERING, ACCEPTING, CONNECTING, PROVING -> CONNECTING;
                case CLOSING, DESTROYED -> CLOSING;
                default -> session.equal() ? EQUAL : SYNCING;
            };
        }

        String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why somebody got no session, in few words. */
    private enum RefusalReason {
        AUTHENTICATION,
        REFUSED,
        TIMEOUT,
        OTHER;

        long count(Map<ErrorKind, Long> refused) {
            return refused.entrySet().stream()
                    .filter(entry -> of(entry.getKey()) == this)
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }

        private static RefusalReason of(ErrorKind kind) {
            return switch (kind) {
                case AUTHENTICATION -> AUTHENTICATION;
                case REFUSED -> REFUSED;
                case TIMEOUT -> TIMEOUT;
                default -> OTHER;
            };
        }

        String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
