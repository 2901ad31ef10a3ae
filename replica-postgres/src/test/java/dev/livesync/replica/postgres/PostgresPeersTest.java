package dev.livesync.replica.postgres;

import static dev.livesync.replica.postgres.PostgresEvents.commit;
import static dev.livesync.replica.postgres.PostgresEvents.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.RememberedClock;
import dev.livesync.database.Database;
import dev.livesync.database.versions.KnownPeer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** What one hub finds out of a peer is known to the others. */
@ExtendWith(OnePostgres.class)
class PostgresPeersTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final int HISTORY = 300;

    private final String name = "peers " + NAMES.incrementAndGet();
    private final List<Cid> clock = List.of(put("a").cid(), put("b").cid());
    private final List<Cid> other = List.of(put("c").cid());

    private static PostgresStore store() {
        return store(Schema.VERSION);
    }

    private static PostgresStore store(int version) {
        PostgresOptions options = PostgresOptions.DEFAULT.toBuilder()
                .pollInterval(Duration.ofMillis(50))
                .poolSize(4)
                .build();
        return PostgresStore.ofVersion(version, OnePostgres.server().url(), options);
    }

    private static PeerFrontiers of(PostgresReplica replica) {
        return replica.peerFrontiers().orElseThrow();
    }

    private long rows() throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement query =
                        connection.prepareStatement("select count(*) from livesync_peers where db = ?")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    @Test
    void whatOneHubHasFoundOutIsKnownAtTheOthersWhenItIsClosed() throws Exception {
        try (PostgresStore there = store()) {
            PeerFrontiers at = of(there.open(name));
            try (PostgresStore here = store()) {
                PeerFrontiers peers = of(here.open(name));
                assertThat(peers.instance()).isEqualTo(at.instance());
                assertThat(of(here.open(name + " other")).instance()).isNotEqualTo(at.instance());
                for (int n = 0; n < 1_000; n++) {
                    peers.remember(-7, "ada\0", n % 2 == 0 ? other : clock);
                }
                assertThat(peers.frontier(-7)).isEqualTo(clock);
                assertThat(peers.frontier(8)).isEmpty();
                assertThat(rows()).as("not one for each acknowledgement").isZero();
                assertThatThrownBy(() -> peers.remember(1, Collections.nCopies(9, clock.get(0))))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(at.frontier(-7)).isEqualTo(clock);
            assertThat(at.all()).extracting(RememberedClock::instance).containsExactly(-7L);
            assertThat(at.all()).extracting(RememberedClock::name).containsExactly("ada");
            assertThat(rows()).isEqualTo(1);
            assertThat(of(there.open(name + " other")).frontier(-7)).isEmpty();
        }
    }

    private StorePeers peers(PeerSaver saver, AtomicLong time) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(OnePostgres.server().url());
        return new StorePeers(
                new Connections(source, SqlDialect.POSTGRESQL), name, () -> "0".repeat(32), saver, time::get);
    }

    @Test
    void whatWasFoundOutEarlierDoesNotReplaceWhatIsNewer() throws Exception {
        store().close();
        AtomicLong time = new AtomicLong(Long.MAX_VALUE - 5); // a clock may wrap
        try (PeerSaver saver = new PeerSaver(Duration.ofHours(1), System::nanoTime)) {
            StorePeers slow = peers(saver, time);
            StorePeers quick = peers(saver, new AtomicLong());
            slow.remember(1, other);
            time.addAndGet(Duration.ofMinutes(1).toNanos());
            slow.remember(2, other);
            quick.remember(1, clock);
            quick.saveIfItCanBe();
            slow.saveIfItCanBe();
            assertThat(slow.frontier(1)).isEqualTo(clock);
            List<RememberedClock> all = quick.all();
            assertThat(all).extracting(RememberedClock::instance).containsExactly(2L, 1L);
            time.addAndGet(Duration.ofMinutes(1).toNanos());
            slow.remember(1, other);
            slow.saveIfItCanBe();
            assertThat(quick.frontier(1)).isEqualTo(other);
        }
    }

    @Test
    void thoseMetLastAreRemembered() throws Exception {
        store().close();
        AtomicLong time = new AtomicLong();
        try (PeerSaver saver = new PeerSaver(Duration.ofHours(1), System::nanoTime)) {
            StorePeers peers = peers(saver, time);
            for (int peer = 0; peer < StorePeers.MOST + 5; peer++) {
                peers.remember(peer, clock);
            }
            peers.saveIfItCanBe();
            assertThat(rows()).isEqualTo(StorePeers.MOST);
            assertThat(peers.frontier(4)).isEmpty();
            assertThat(peers.frontier(5)).isEqualTo(clock);
            peers.remember(1, other);
            peers.saveIfItCanBe();
            assertThat(rows()).isEqualTo(StorePeers.MOST);
            assertThat(peers.frontier(1)).isEqualTo(other);
        }
    }

    @Test
    void whatIsWrongCountsForNothing() throws Exception {
        try (PostgresStore store = store()) {
            PeerFrontiers peers = of(store.open(name));
            peers.remember(1, clock);
            peers.remember(2, clock);
            assertThat(peers.all()).hasSize(2);
            OnePostgres.server()
                    .execute("update livesync_peers set heads = '\\x01' where peer = 1 and db = '" + name + "'");
            assertThat(peers.frontier(1)).isEmpty();
            assertThat(peers.frontier(2)).isEqualTo(clock);
        }
    }

    @Test
    void aServerThatIsAwayIsNobodysFailure() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(PostgresServer.url(1, "postgres"));
        Connections connections = new Connections(source, SqlDialect.POSTGRESQL);
        StorePeers peers;
        try (PeerSaver saver = new PeerSaver(Duration.ofHours(1), System::nanoTime)) {
            peers = new StorePeers(connections, name, () -> "0".repeat(32), saver, System::nanoTime);
            peers.remember(1, other);
            peers.saveIfItCanBe();
            peers.remember(1, clock);
            peers.remember(2, other);
            assertThat(peers.frontier(3)).isEmpty();
        }
        assertThat(peers.frontier(1)).as("kept for the next try").isEqualTo(clock);
        assertThatThrownBy(peers::all)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE));
    }

    /** The same client with the same history: how many bytes it takes to be in step with the second hub. Who dials remembers, so either may. */
    private long bytesAtTheSecondHub(int version, boolean hubsDial) throws Exception {
        String database = name + " " + version;
        try (PostgresStore here = store();
                PostgresStore there = store(version);
                Database client = Database.inMemory();
                Sync peer = Sync.builder(client).transport("memory").build();
                Sync one = Sync.builder(here.open(database)).transport("memory").build();
                Sync two =
                        Sync.builder(there.open(database)).transport("memory").build()) {
            for (int n = 0; n < HISTORY; n++) {
                client.put("n" + n % 50, "{\"n\":" + n + "}");
            }
            try (Session session = hubsDial ? dial(one, peer) : dial(peer, one)) {
                session.awaitEqual().join();
                PeerFrontiers memory = of(here.open(database));
                if (hubsDial) {
                    await().until(() -> memory.all().size() == 1);
                } else {
                    PeerFrontiers clients = client.replica().peerFrontiers().orElseThrow();
                    await().until(() -> clients.frontier(memory.instance()).equals(client.clock()));
                }
            }
            client.put("mine", "{}");
            there.open(database).commit(commit(put("theirs")));
            Session next = hubsDial ? dial(two, peer) : dial(peer, two);
            next.awaitEqual().join();
            return next.statistics().bytesSent() + next.statistics().bytesReceived();
        }
    }

    private static Session dial(Sync from, Sync to) {
        Endpoint endpoint = to.listen("memory:peers-" + NAMES.incrementAndGet()).join();
        return from.dial(endpoint.address()).join();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerGoesOnAtAnotherHubFromWhatItHadAtTheFirst(boolean hubsDial) throws Exception {
        long remembered = bytesAtTheSecondHub(Schema.PEERS, hubsDial);
        long unknown = bytesAtTheSecondHub(Schema.PEERS - 1, hubsDial);
        System.out.println("bytes to be in step at a second hub: " + remembered + ", and " + unknown
                + " where it has no memory of the first");
        assertThat(remembered).isLessThan(unknown);
    }

    @Test
    void aHistoryTellsWhatPeersHaveWhicheverHubTheyWereAt() throws Exception {
        try (PostgresStore here = store();
                Database client = Database.inMemory();
                Sync peer = Sync.builder(client).transport("memory").build();
                Sync hub = Sync.builder(here.open(name)).transport("memory").build()) {
            client.put("a", "{}");
            Session session = dial(hub, peer);
            session.awaitEqual().join();
            await().until(() -> of(here.open(name)).all().size() == 1);
        }
        try (PostgresStore there = store();
                Database documents = Database.over(there.open(name))) {
            documents.put("b", "{}");
            List<KnownPeer> peers = documents.history().peers();
            assertThat(peers).hasSize(1);
            assertThat(peers.get(0).lacks()).isEqualTo(1);
            assertThat(peers.get(0).clock()).hasSize(1);
            assertThat(peers.get(0).since()).isPresent();
        }
    }
}
