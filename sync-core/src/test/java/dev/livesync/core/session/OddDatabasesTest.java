package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Value;
import dev.livesync.core.session.MeasuredPeers.Cost;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Databases that are not what their peers have known: restored, copied, exchanged, compacted. Whatever either end may remember of the other, both have all
 * documents afterwards, for at most twice the bytes of two that meet for the first time, and one round trip more.
 */
class OddDatabasesTest {
    private static final int DOCUMENTS = 400;

    @TempDir
    private Path scratch;

    private PromptDatabase hub;
    private PromptDatabase peer;

    @BeforeEach
    void meet() {
        hub = open("hub");
        peer = open("peer");
        hub.fill("hub", DOCUMENTS / 2, 20);
        peer.fill("peer", DOCUMENTS / 2, 20);
        sync("peer");
        more(1);
        sync("peer");
        assertThat(peer.documents()).isEqualTo(hub.documents()).hasSize(DOCUMENTS + 20);
    }

    @AfterEach
    void close() {
        hub.close();
        peer.close();
    }

    private PromptDatabase open(String name) {
        return new PromptDatabase(Database.open(scratch.resolve(name)));
    }

    private void more(int round) {
        for (int i = 0; i < 10; i++) {
            hub.put("hub" + round + "-" + i, i);
            peer.put("peer" + round + "-" + i, i);
        }
    }

    /** Connects the hub and the peer, and holds the cost against that of two who know nothing of each other. */
    private Cost sync(String identity) {
        return sync(identity, "hub", () -> {});
    }

    private Cost sync(String identity, String identityOfHub, Runnable meanwhile) {
        Cost honest;
        Map<String, Value> expected;
        try (PromptDatabase here = PromptDatabase.of(peer.events());
                PromptDatabase there = PromptDatabase.of(hub.events());
                PromptDatabase union = PromptDatabase.of(peer.events());
                MeasuredPeers strangers = new MeasuredPeers(here, "stranger", there, "unknown")) {
            union.take(hub.events());
            expected = union.documents();
            honest = strangers.sync();
            assertThat(honest.failure()).isNull();
        }
        try (MeasuredPeers peers = new MeasuredPeers(peer, identity, hub, identityOfHub)) {
            Cost cost = peers.sync(meanwhile);
            assertThat(cost.failure()).isNull();
            assertThat(peer.documents()).isEqualTo(expected);
            assertThat(hub.documents()).isEqualTo(expected);
            assertThat(cost.bytes()).as("bytes, of strangers %s", honest).isLessThanOrEqualTo(2 * honest.bytes());
            assertThat(cost.roundTrips())
                    .as("round trips, of strangers %s", honest)
                    .isBetween(0.0, honest.roundTrips() + 1);
            return cost;
        }
    }

    @Test
    void aBackupIsRestored() {
        Path backup = scratch.resolve("backup.car");
        peer.database.backup(backup);
        more(2);
        sync("peer");
        restorePeer(backup);
        assertThat(peer.documents()).hasSize(DOCUMENTS + 20);
        sync("peer");
        more(3);
        sync("peer");
    }

    private void restorePeer(Path backup) {
        peer.close();
        Database.restore(backup, scratch.resolve("restored"));
        peer = open("restored");
    }

    @Test
    void aBackupIsRestoredAndWrittenToBeforeItMeetsAnybody() {
        Path backup = scratch.resolve("backup.car");
        peer.database.backup(backup);
        more(2);
        sync("peer");
        restorePeer(backup);
        more(3);
        sync("peer");
    }

    @Test
    void theHubIsRestoredAndThePeerIsAhead() {
        Path backup = scratch.resolve("backup.car");
        hub.database.backup(backup);
        more(2);
        sync("peer");
        hub.close();
        Database.restore(backup, scratch.resolve("restored"));
        hub = open("restored");
        more(3);
        sync("peer");
    }

    /** The same identity of a database as before, and an earlier state. */
    @Test
    void itsFilesAreReplacedByAnEarlierCopy() throws IOException {
        peer.close();
        copy("peer", "earlier");
        peer = open("peer");
        more(2);
        sync("peer");
        peer.close();
        peer = open("earlier");
        more(3);
        sync("peer");
        more(4);
        sync("peer");
    }

    @Test
    void itsDirectoryIsClonedAndBothGoOn() throws IOException {
        peer.close();
        copy("peer", "clone");
        PromptDatabase original = open("peer");
        PromptDatabase clone = open("clone");
        for (int round = 2; round < 5; round++) {
            for (PromptDatabase each : new PromptDatabase[] {original, clone}) {
                peer = each;
                more(10 * round + (each == clone ? 1 : 2));
                sync("peer");
            }
        }
        peer = original;
        sync("peer");
        assertThat(original.documents()).isEqualTo(hub.documents());
        clone.close();
    }

    @Test
    void twoPeersExchangeTheirIdentities() {
        PromptDatabase first = peer;
        try (PromptDatabase second = open("second")) {
            second.fill("second", 30, 1);
            peer = second;
            sync("second");
            more(2);
            sync("first");
            peer = first;
            more(3);
            sync("second");
            more(4);
            sync("hub", "second", () -> {});
        }
    }

    @Test
    void anotherDatabaseListensUnderTheSameNameAndAddress() {
        PromptDatabase known = hub;
        try (PromptDatabase other = open("other")) {
            other.fill("other", 50, 5);
            hub = other;
            sync("peer");
            hub = known;
            more(2);
            sync("peer");
            sync("peer");
        }
    }

    @Test
    void bothAreCompactedBetween() {
        more(2);
        peer.database.compact();
        hub.database.compact();
        sync("peer");
        more(3);
        sync("peer");
        peer.database.compact();
        hub.database.compact();
        more(4);
        sync("peer");
    }

    @Test
    void bothAreCompactedWhileTheySync() {
        more(2);
        sync("peer", "hub", () -> {
            peer.database.compact();
            hub.database.compact();
        });
    }

    private void copy(String from, String to) throws IOException {
        Path source = scratch.resolve(from);
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, scratch.resolve(to).resolve(source.relativize(file)));
            }
        }
    }
}
