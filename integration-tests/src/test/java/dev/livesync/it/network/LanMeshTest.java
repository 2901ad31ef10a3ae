package dev.livesync.it.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Advertisement;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.discovery.DiscoveryListener;
import dev.livesync.database.Database;
import dev.livesync.discovery.mdns.LanBoard;
import dev.livesync.mesh.Mesh;
import dev.livesync.mesh.MeshOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Databases over libp2p that find each other by what is announced on a network in memory: all of it but the multicast. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LanMeshTest {
    private static final Duration SOON = Duration.ofSeconds(100);
    private static final String SECRET = "L".repeat(43);

    private final LanBoard network = new LanBoard();
    private final List<Member> all = new ArrayList<>();

    /** A database, and its mesh. */
    private final class Member {
        final Database database;
        final List<SyncException> refused = new CopyOnWriteArrayList<>();
        final Sync sync;
        final Mesh mesh;

        Member(Database database, String secret, Discovery discovery) throws Exception {
            this.database = database;
            sync = Sync.builder(database)
                    .listener(new SyncListener() {
                        @Override
                        public void refused(String remote, SyncException why) {
                            refused.add(why);
                        }
                    })
                    .build();
            all.add(this);
            mesh = sync.mesh(
                            discovery,
                            MeshOptions.at("libp2p:/ip4/127.0.0.1/tcp/0").withSecret(secret))
                    .get(60, TimeUnit.SECONDS);
        }
    }

    /** One whose announcement nobody takes back. */
    private record Unclosed(Discovery discovery) implements Discovery {
        @Override
        public CompletionStage<String> start(Advertisement self, DiscoveryListener listener) {
            return discovery.start(self, listener);
        }

        @Override
        public void close() {
            // It was killed.
        }
    }

    @AfterEach
    void close() {
        all.forEach(member -> {
            member.sync.close();
            member.database.close();
        });
    }

    private Member join(String secret) throws Exception {
        return new Member(Database.inMemory(), secret, network.discovery("notes", "lo", "127.0.0.1"));
    }

    private static void equal(Member... members) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(Arrays.stream(members)
                                .map(member -> member.database.clock())
                                .distinct())
                        .hasSize(1));
    }

    @Test
    void whoIsOnOneNetworkComesToHaveTheSame() throws Exception {
        Member a = join(SECRET);
        Member b = join(SECRET);
        Member c = join(SECRET);
        a.database.put("a", Map.of());
        b.database.put("b", Map.of());
        c.database.put("c", Map.of());
        equal(a, b, c);
        a.database.put("live", Map.of());
        b.database.put("too", Map.of());
        equal(a, b, c);
        assertThat(a.database.summary().documents()).isEqualTo(5);
        await().atMost(SOON).until(() -> a.mesh.sessions().size() == 2);
        assertThat(a.mesh.present()).containsExactlyInAnyOrder(b.mesh.name(), c.mesh.name());

        b.mesh.close();
        await().atMost(SOON).untilAsserted(() -> assertThat(a.mesh.present()).containsExactly(c.mesh.name()));
        b.database.put("while away", Map.of());
        Member again = new Member(b.database, SECRET, network.discovery("notes", "lo", "127.0.0.1"));
        equal(a, c, again);
    }

    @Test
    void whoWasKilledIsFoundAgainThoughItsOldAnnouncementIsStillThere() throws Exception {
        Member a = join(SECRET);
        try (Discovery discovery = network.discovery("notes", "lo", "127.0.0.1")) {
            Member killed = new Member(Database.inMemory(), SECRET, new Unclosed(discovery));
            killed.database.put("before", Map.of());
            equal(a, killed);
            killed.sync.close();
            killed.database.put("after", Map.of());
            a.database.put("meanwhile", Map.of());
            Member again = new Member(killed.database, SECRET, network.discovery("notes", "lo", "127.0.0.1"));
            equal(a, again);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(a.mesh.present())
                            .containsExactlyInAnyOrder(killed.mesh.name(), again.mesh.name()));
            assertThat(again.database.summary().documents()).isEqualTo(3);
        }
    }

    @Test
    void whoHasAnotherSecretIsNotEvenDialled() throws Exception {
        Member a = join(SECRET);
        Member stranger = join("X".repeat(43));
        Member b = join(SECRET);
        a.database.put("a", Map.of());
        equal(a, b);
        assertThat(a.mesh.present()).containsExactly(b.mesh.name());
        assertThat(stranger.mesh.present()).isEmpty();
        assertThat(a.refused).isEmpty();
        assertThat(stranger.refused).isEmpty();
        assertThat(stranger.database.summary().documents()).isZero();
    }
}
