package dev.livesync.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the meters say, against what was done. */
class SyncMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @TempDir
    private Path directory;

    @Test
    void theMetersCountWhatWasDone() throws Exception {
        try (Database hub = Database.open(directory.resolve("hub"));
                Database client = Database.inMemory();
                Sync a = Sync.builder(hub).transport("memory").build();
                Sync b = Sync.builder(client).transport("memory").build()) {
            new SyncMetrics("orders", hub, a).bindTo(registry);
            assertThat(value("livesync.sessions.opened")).isZero();
            Endpoint endpoint = a.listen("memory:hub").join();
            Session session = b.dial(endpoint.address()).join();
            session.backlog().join();
            client.put("theirs", "{}");
            session.delivered().join();
            hub.put("ours", "{}");
            a.sessions().get(0).delivered().join();
            b.sessions().get(0).awaitEqual().join();

            await().untilAsserted(() -> assertThat(state("equal")).isEqualTo(1));
            assertThat(state("syncing")).isZero();
            assertThat(value("livesync.sessions.opened")).isEqualTo(1);
            assertThat(value("livesync.lag.events")).isZero();
            assertThat(value("livesync.lag")).isZero();
            assertThat(value("livesync.events.received")).isEqualTo(1);
            assertThat(value("livesync.commits")).isPositive();
            assertThat(value("livesync.database.documents")).isEqualTo(2);
            assertThat(value("livesync.database.events"))
                    .isEqualTo((double) hub.summary().events());
            assertThat(value("livesync.database.transactions")).isEqualTo(2);
            assertThat(value("livesync.database.written")).isPositive();
            FunctionTimer fsync = registry.get("livesync.database.fsync").functionTimer();
            assertThat(fsync.count()).isEqualTo(2);
            assertThat(fsync.totalTime(TimeUnit.NANOSECONDS)).isPositive();
            assertThat(registry.get("livesync.database.merge").functionTimer().count())
                    .isPositive();
            await().untilAsserted(() -> {
                assertThat(registry.get("livesync.traffic")
                                .tag("direction", "in")
                                .functionCounter()
                                .count())
                        .isEqualTo((double) b.counts().bytesSent());
                assertThat(registry.get("livesync.messages")
                                .tag("direction", "out")
                                .functionCounter()
                                .count())
                        .isEqualTo((double) b.counts().messagesReceived());
            });

            hub.compact();
            assertThat(registry.get("livesync.database.compaction")
                            .functionTimer()
                            .count())
                    .isEqualTo(1);

            session.close();
            await().untilAsserted(() -> assertThat(registry.get("livesync.sessions.ended")
                            .tag("outcome", "closed")
                            .functionCounter()
                            .count())
                    .isEqualTo(1));
            assertThat(state("equal")).isZero();
        }
        assertThat(value("livesync.database.documents")).isNaN();
        assertThat(value("livesync.sessions.opened")).isEqualTo(1);
    }

    @Test
    void whoIsTurnedAwayIsCountedByTheReason() {
        try (Database hub = Database.inMemory();
                Database client = Database.inMemory();
                Sync a = Sync.builder(hub).transport("memory").build();
                Sync b = Sync.builder(client).transport("memory").build()) {
            new SyncMetrics("orders", hub, a).bindTo(registry);
            String address = a.listen("memory:door").join().address();
            String wrong = address.substring(0, address.indexOf('#') + 1) + "a".repeat(43);
            Assertions.assertThatThrownBy(() -> b.dial(wrong).join()).hasCauseInstanceOf(SyncException.class);
            await().untilAsserted(() -> assertThat(registry.get("livesync.callers.refused")
                            .tag("reason", "authentication")
                            .functionCounter()
                            .count())
                    .isEqualTo(1));
            assertThat(a.counts().latestRefusals()).singleElement().satisfies(caller -> {
                assertThat(caller.reason()).doesNotContain(wrong.substring(wrong.indexOf('#') + 1));
                assertThat(caller.remote()).isNotBlank();
            });
        }
    }

    @Test
    void fewTagsAndNoneWithoutABound() {
        try (Database database = Database.inMemory();
                Sync sync = Sync.builder(database).transport("memory").build()) {
            new SyncMetrics("orders", database, sync).bindTo(registry);
            assertThat(registry.getMeters()).hasSizeBetween(30, 60);
            Set<String> tags = registry.getMeters().stream()
                    .map(Meter::getId)
                    .flatMap(id -> id.getTags().stream())
                    .map(tag -> tag.getKey())
                    .collect(Collectors.toSet());
            assertThat(tags)
                    .containsExactlyInAnyOrder("database", "transport", "state", "outcome", "reason", "direction");
            assertThat(registry.getMeters()).allSatisfy(meter -> {
                assertThat(meter.getId().getDescription()).isNotBlank();
                assertThat(meter.getId().getTag("database")).isEqualTo("orders");
            });
        }
    }

    private double value(String name) {
        return registry.get(name).meter().measure().iterator().next().getValue();
    }

    private double state(String state) {
        return registry.get("livesync.sessions").tag("state", state).gauge().value();
    }
}
