package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.database.versions.KnownPeer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a database in a directory remembers of its peers, from one opening to the next. */
@ExtendWith(Quiet.class)
class PeerFrontiersTest {
    @TempDir
    Path directory;

    private static PeerFrontiers of(Database database) {
        return database.replica().peerFrontiers().orElseThrow();
    }

    private Path file() {
        return directory.resolve("one").resolve("peers.idx");
    }

    private List<Cid> written() {
        try (Database database = Database.open(directory.resolve("one"))) {
            database.put("a", "{}");
            of(database).remember(7, database.clock());
            assertThat(of(database).frontier(7)).isEqualTo(database.clock());
            return database.clock();
        }
    }

    @Test
    void aClockIsThereAfterTheNextOpening() {
        List<Cid> clock = written();
        try (Database database = Database.open(directory.resolve("one"))) {
            assertThat(of(database).frontier(7)).isEqualTo(clock);
            assertThat(of(database).frontier(8)).isEmpty();
            assertThat(database.verify().problems()).isEmpty();
            database.compact();
            assertThat(of(database).frontier(7)).isEqualTo(clock);
        }
    }

    @Test
    void aHistoryTellsWhatPeersHave() {
        Cid first;
        Cid second;
        DatabaseOptions options = DatabaseOptions.defaults().toBuilder()
                .time(() -> Instant.ofEpochMilli(1_000))
                .build();
        try (Database database = Database.open(directory.resolve("one"), options)) {
            first = database.put("a", "{}");
            of(database).remember(7, "hub", database.clock());
            second = database.put("a", "{\"n\":2}");
            of(database).remember(-8, "x".repeat(300), database.clock());
        }
        try (Database database = Database.open(directory.resolve("one"), options)) {
            List<KnownPeer> peers = database.history().peers();
            assertThat(peers).extracting(KnownPeer::database).containsExactly("fffffffffffffff8", "0000000000000007");
            assertThat(peers).extracting(peer -> peer.name().length()).containsExactly(200, 3);
            assertThat(peers).extracting(KnownPeer::lacks).containsExactly(0L, 1L);
            KnownPeer hub = peers.get(1);
            assertThat(hub.since()).contains(Instant.ofEpochMilli(1_000));
            assertThat(hub.clock()).containsExactly(first);
            assertThat(hub.has(first)).isTrue();
            assertThat(hub.has(second)).isFalse();
            assertThat(hub.has(peers.get(0).clock().get(0))).isFalse();
            database.put("b", "{}");
            assertThat(peers.get(0).lacks()).as("of that history").isZero();
            assertThat(database.history().peers().get(0).lacks()).isOne();
        }
    }

    /** As after a forget: what it had is not known here any more. */
    @Test
    void whatIsNotHereCountsForNothing() {
        try (Database database = Database.inMemory();
                Database other = Database.inMemory()) {
            Cid mine = database.put("a", "{}");
            Cid theirs = other.put("b", "{}");
            of(database).remember(7, "hub", List.of(theirs));
            KnownPeer hub = database.history().peers().get(0);
            assertThat(hub.clock()).isEmpty();
            assertThat(hub.has(mine) || hub.has(theirs)).isFalse();
            assertThat(hub.lacks()).isOne();
        }
    }

    @Test
    void aDatabaseHasOneNumberForEver() {
        long instance;
        try (Database database = Database.open(directory.resolve("one"));
                Database other = Database.open(directory.resolve("two"))) {
            instance = of(database).instance();
            assertThat(of(other).instance()).isNotEqualTo(instance);
        }
        try (Database database = Database.open(directory.resolve("one"))) {
            assertThat(of(database).instance()).isEqualTo(instance);
        }
    }

    @Test
    void withoutPeersThereIsNoFile() {
        try (Database database = Database.open(directory.resolve("one"))) {
            database.put("a", "{}");
        }
        assertThat(file()).doesNotExist();
    }

    @Test
    void aDamagedFileIsNone() throws IOException {
        written();
        byte[] whole = Files.readAllBytes(file());
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x11;
            Files.write(file(), damaged);
            assertNothingIsRemembered("byte " + at);
            Files.write(file(), java.util.Arrays.copyOf(whole, at));
            assertNothingIsRemembered("cut at " + at);
        }
    }

    private void assertNothingIsRemembered(String what) {
        try (Database database = Database.openReadOnly(directory.resolve("one"))) {
            assertThat(of(database).frontier(7)).as(what).isEmpty();
            assertThat(database.get("a")).as(what).isPresent();
        }
    }

    @Test
    void theFileOfAnotherDatabaseIsNone() throws IOException {
        written();
        try (Database other = Database.open(directory.resolve("two"))) {
            other.put("b", "{}");
        }
        Files.copy(file(), directory.resolve("two").resolve("peers.idx"));
        try (Database other = Database.open(directory.resolve("two"))) {
            assertThat(of(other).frontier(7)).isEmpty();
        }
    }

    @Test
    void thoseMetLastAreRemembered() {
        List<Cid> clock = written();
        try (Database database = Database.open(directory.resolve("one"))) {
            for (int peer = 1_000; peer < 1_300; peer++) {
                of(database).remember(peer, clock);
                assertThat(of(database).frontier(7)).as("used").isEqualTo(clock);
            }
        }
        try (Database database = Database.open(directory.resolve("one"))) {
            assertThat(of(database).frontier(7)).isEqualTo(clock);
            assertThat(of(database).frontier(1_299)).isEqualTo(clock);
            assertThat(of(database).frontier(1_045)).isEqualTo(clock);
            assertThat(of(database).frontier(1_044)).isEmpty();
            assertThatThrownBy(() -> of(database).remember(1, Collections.nCopies(9, clock.get(0))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
