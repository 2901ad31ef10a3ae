package dev.livesync.it.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.database.Database;
import dev.livesync.database.versions.KnownPeer;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which peers are known to have what, through real sessions and across restarts. */
class KnownPeersTest {
    @TempDir
    private Path directory;

    private static KnownPeer only(Database database) {
        List<KnownPeer> peers = database.history().peers();
        assertThat(peers).hasSize(1);
        return peers.get(0);
    }

    @Test
    void whatWasDeliveredIsKnownAtOnceAndAfterARestart() throws Exception {
        String of;
        Cid written;
        Cid alone;
        try (Database here = Database.open(directory.resolve("here"));
                Database there = Database.open(directory.resolve("there"))) {
            there.put("theirs", "{}");
            try (Sync hub = new Sync(there);
                    Sync client = new Sync(here)) {
                Session session = client.dial(hub.listen("memory:known")
                                .get(1, TimeUnit.MINUTES)
                                .address())
                        .get(1, TimeUnit.MINUTES);
                session.backlog().get(1, TimeUnit.MINUTES);
                of = session.peer().database().orElseThrow();
                for (int i = 0; i < 20; i++) {
                    written = here.put("mine", "{\"n\":" + i + "}");
                    session.delivered(List.of(written)).get(1, TimeUnit.MINUTES);
                    assertThat(only(here).has(written)).as("write %s", i).isTrue();
                    assertThat(session.acknowledged()).isEqualTo(only(here).clock());
                }
                assertThat(only(here).database()).isEqualTo(of);
                assertThat(only(here).lacks()).isZero();
                assertThat(only(here).name()).startsWith("memory:");
            }
            alone = here.put("alone", "{}");
        }
        try (Database here = Database.open(directory.resolve("here"));
                Database there = Database.open(directory.resolve("there"))) {
            assertThat(only(here).database()).isEqualTo(of);
            assertThat(only(here).lacks()).isOne();
            assertThat(only(here).has(alone)).isFalse();
            try (Sync hub = new Sync(there);
                    Sync client = new Sync(here)) {
                Session session = client.dial(hub.listen("memory:known-again")
                                .get(1, TimeUnit.MINUTES)
                                .address())
                        .get(1, TimeUnit.MINUTES);
                session.delivered().get(1, TimeUnit.MINUTES);
                assertThat(only(here).database()).as("whatever its address").isEqualTo(of);
                assertThat(only(here).has(alone)).isTrue();
            }
        }
    }

    @Test
    void whatAPeerRefusesItIsNotSaidToHave() throws Exception {
        try (Database here = Database.inMemory();
                Database there = Database.inMemory()) {
            Cid shared = there.put("shared", "{}");
            Grants grants = Grants.inMemory();
            grants.add(new Grant("reader", "reader-reader-reader-reader", Rights.READ, Optional.empty(), Set.of()));
            try (Sync hub = new Sync(there);
                    Sync client = new Sync(here)) {
                Endpoint endpoint = hub.listen("memory:readers", grants).get(1, TimeUnit.MINUTES);
                String address = endpoint.address().replaceFirst("#.*", "") + "#reader-reader-reader-reader";
                Session session = client.dial(address).get(1, TimeUnit.MINUTES);
                session.backlog().get(1, TimeUnit.MINUTES);
                Cid refused = here.put("mine", "{}");
                assertThatThrownBy(() -> session.delivered().get(1, TimeUnit.MINUTES))
                        .hasMessageContaining("read access only");
                assertThat(only(here).has(shared)).isTrue();
                assertThat(only(here).has(refused)).isFalse();
                assertThat(session.acknowledged()).containsExactly(shared);
            }
        }
    }
}
