package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Hubs on one store whose clocks are hours apart, and jump: nothing goes by them but when grants end. */
@ExtendWith(OnePostgres.class)
class PostgresClockTest {
    private static final Instant TRUE = Instant.parse("2030-01-01T12:00:00Z");
    private static final Duration LONG = Duration.ofMinutes(1);

    private final String name = "clocks " + UUID.randomUUID();
    private final Grants grants = Grants.inMemory();
    private final Grant lasting = Grant.of("lasting", Rights.READ_WRITE, new SecureRandom());
    private final Grant ending =
            Grant.of("ending", Rights.READ_WRITE, new SecureRandom()).until(TRUE.plusSeconds(3_600));

    private static Sync client(Database database) {
        return Sync.builder(database).transport("memory").build();
    }

    private Sync hub(PostgresStore store, AtomicReference<Instant> clock) {
        return Sync.builder(store.open(name))
                .transport("memory")
                .clock(clock::get)
                .build();
    }

    private static PostgresStore store() {
        return PostgresStore.connect(
                OnePostgres.server().url(),
                PostgresOptions.DEFAULT.toBuilder()
                        .pollInterval(Duration.ofMillis(50))
                        .poolSize(4)
                        .build());
    }

    @Test
    void clocksThatJumpEndGrantsAndNothingElse() {
        grants.add(lasting);
        grants.add(ending);
        AtomicReference<Instant> early = new AtomicReference<>(TRUE.minus(Duration.ofHours(5)));
        AtomicReference<Instant> late = new AtomicReference<>(TRUE.plus(Duration.ofHours(5)));
        List<Database> databases = new ArrayList<>();
        List<Sync> syncs = new ArrayList<>();
        Set<String> written = new TreeSet<>();
        List<String> ended = new CopyOnWriteArrayList<>();
        try (PostgresStore here = store();
                PostgresStore there = store();
                Sync one = hub(here, early);
                Sync other = hub(there, late)) {
            Endpoint atOne = one.listen("memory:early", grants).join();
            Endpoint atOther = other.listen("memory:late", grants).join();
            List<KeptPeer> peers = new ArrayList<>();
            for (Endpoint endpoint : List.of(atOne, atOther)) {
                Database database = Database.inMemory();
                databases.add(database);
                syncs.add(client(database));
                peers.add(syncs.get(syncs.size() - 1).keep(endpoint.publicAddress(), lasting.secret()));
                var unused = peers.get(peers.size() - 1)
                        .connected()
                        .join()
                        .closed()
                        .whenComplete((done, why) -> ended.add(endpoint.publicAddress() + ": " + why));
            }
            Sync brief = client(Database.inMemory());
            syncs.add(brief);
            Session granted = brief.dial(atOne.publicAddress(), ending.secret()).join();
            assertThatThrownBy(() ->
                            brief.dial(atOther.publicAddress(), ending.secret()).join())
                    .as("it has ended by the clock that is ahead")
                    .hasCauseInstanceOf(SyncException.class);
            for (Duration jump :
                    List.of(Duration.ZERO, Duration.ofDays(-3_650), Duration.ofDays(3_650), Duration.ofHours(-1))) {
                early.set(TRUE.minus(Duration.ofHours(5)).plus(jump));
                late.set(TRUE.plus(Duration.ofHours(5)).minus(jump));
                for (int n = 0; n < databases.size(); n++) {
                    written.add(jump + " " + n);
                    databases.get(n).put(jump + " " + n, "{}");
                    peers.get(n).connected().join().delivered().join();
                }
                for (Database database : databases) {
                    await().atMost(LONG)
                            .untilAsserted(() -> assertThat(ids(database)).isEqualTo(written));
                }
            }
            early.set(TRUE.plusSeconds(3_600));
            await().atMost(LONG).until(granted.closed()::isDone);
            assertThat(ended).as("sessions of the other grant").isEmpty();
        } finally {
            syncs.forEach(Sync::close);
            databases.forEach(Database::close);
        }
    }

    private static Set<String> ids(Database database) {
        Set<String> ids = new TreeSet<>();
        database.forEach(document -> ids.add(document.id()));
        return ids;
    }
}
