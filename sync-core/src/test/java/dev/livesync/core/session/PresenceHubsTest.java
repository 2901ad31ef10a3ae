package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.api.replica.Broadcast;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.core.presence.LossyBroadcast;
import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import dev.livesync.presence.PresenceEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the clients of several hubs show each other, where the hubs share a store, in a world whose time is the test's. */
class PresenceHubsTest {
    private static final Duration SOON = Duration.ofMillis(300);

    private final World world = new World(58);
    private final LossyBroadcast store =
            new LossyBroadcast(world.random.split(), world.context().executor());
    private final List<Sync> peers = new ArrayList<>();
    private final List<Database> databases = new ArrayList<>();
    private final LossyBroadcast.Hub here = store.hub();
    private final LossyBroadcast.Hub there = store.hub();
    private final Sync one = hub(here);
    private final Sync two = hub(there);

    /** A database as one of several hubs has it. */
    private record Stored(Replica real, Broadcast hubs) implements Replica {
        @Override
        public Snapshot snapshot() {
            return real.snapshot();
        }

        @Override
        public CommitResult commit(Commit commit) {
            return real.commit(commit);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            return real.changes(after, maxEvents);
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            return real.onChange(wakeUp);
        }

        @Override
        public Optional<Broadcast> broadcast() {
            return Optional.of(hubs);
        }
    }

    @AfterEach
    void nothingIsLeftOpen() {
        peers.forEach(world::close);
        databases.forEach(Database::close);
        assertThat(world.network.faults().links()).isEmpty();
        assertThat(world.timers()).isZero();
    }

    private Database database() {
        Database database = Database.inMemory();
        databases.add(database);
        return database;
    }

    private Sync hub(LossyBroadcast.Hub at) {
        return peer(new Stored(database().replica(), at));
    }

    private Sync peer(Replica replica) {
        return add(world.peer(replica)
                .transport(world.network.provider())
                .limits(SyncLimits.builder()
                        .deliveryTime(Duration.ofMinutes(1))
                        .closeTime(Duration.ofMinutes(1))
                        .build())
                .build());
    }

    private Sync peer() {
        return peer(database().replica());
    }

    private Sync add(Sync sync) {
        peers.add(sync);
        return sync;
    }

    private Session dial(Sync from, Sync to) {
        Endpoint endpoint = world.get(to.listen("memory:"));
        Session session = world.get(from.dial(endpoint.address()));
        world.get(session.backlog());
        return session;
    }

    /** A client of a hub. */
    private Sync client(Sync hub) {
        Sync client = peer();
        dial(client, hub);
        return client;
    }

    /** Closes a peer in order, as fast as the world goes. */
    private void gone(Sync sync) {
        peers.remove(sync);
        Thread closing = new Thread(sync::close, "closing");
        closing.start();
        while (closing.isAlive()) {
            world.settle();
            Thread.onSpinWait();
        }
        world.pass(SOON);
    }

    private static Map<String, Object> others(Sync sync) {
        return sync.presence().entries().stream()
                .filter(entry -> !entry.own())
                .collect(Collectors.toMap(PresenceEntry::key, PresenceEntry::value));
    }

    @Test
    void whatIsShownAtOneHubIsShownChangedAndRemovedAtTheOther() {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("cursor", 1);
        world.pass(SOON);
        assertThat(others(bob)).isEqualTo(Map.of("cursor", 1L));
        ada.presence().set("cursor", 2);
        bob.presence().set("typing", true);
        world.pass(SOON);
        assertThat(others(bob)).isEqualTo(Map.of("cursor", 2L));
        assertThat(others(ada)).isEqualTo(Map.of("typing", true));
        ada.presence().remove("cursor");
        world.pass(SOON);
        assertThat(others(bob)).isEmpty();
        ada.presence().set("cursor", 3);
        world.pass(Duration.ofMinutes(5));
        assertThat(others(bob)).isEqualTo(Map.of("cursor", 3L));
        gone(ada);
        assertThat(others(bob)).isEmpty();
    }

    @Test
    void whoIsCutOffFromItsHubIsGoneSoonAndWhoComesToAnotherOneWasNeverGone() {
        Sync ada = peer();
        Session atOne = dial(ada, one);
        Sync bob = client(two);
        ada.presence().set("name", "Ada");
        world.pass(SOON);
        List<Integer> told = new ArrayList<>();
        bob.presence().subscribe(entries -> told.add(entries.size()));
        atOne.abort();
        world.pass(SOON);
        Session atTwo = dial(ada, two);
        world.pass(Duration.ofMinutes(1));
        assertThat(others(bob)).isEqualTo(Map.of("name", "Ada"));
        assertThat(told).containsExactly(1);
        Sync eve = client(one);
        world.pass(SOON);
        assertThat(others(eve)).isEqualTo(Map.of("name", "Ada"));
        atTwo.abort();
        world.pass(Duration.ofMillis(2_300));
        assertThat(others(bob)).isEmpty();
        assertThat(others(eve)).isEmpty();
    }

    @Test
    void aHubThatIsStoppedTakesItsClientsAlong() {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("name", "Ada");
        one.presence().set("hub", 1);
        world.pass(SOON);
        assertThat(others(bob)).containsOnlyKeys("name", "hub");
        gone(one);
        assertThat(others(bob)).containsOnlyKeys("name");
        world.pass(Duration.ofMillis(2_300));
        assertThat(others(bob)).isEmpty();
        assertThat(ada.sessions()).isEmpty();
    }

    @Test
    void ofAHubThatIsKilledNothingStaysLongerThanHalfAMinute() {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("name", "Ada");
        one.presence().set("hub", 1);
        world.pass(SOON);
        here.cutOff();
        world.pass(Duration.ofSeconds(29));
        assertThat(others(bob)).containsOnlyKeys("name", "hub");
        world.pass(Duration.ofSeconds(2));
        assertThat(others(bob)).isEmpty();
    }

    /** Whoever comes from there says that the others who were there may be gone. */
    @Test
    void whoComesFromAHubThatIsKilledWasNeverGone() {
        Sync ada = peer();
        Session atOne = dial(ada, one);
        Sync eve = client(one);
        Sync bob = client(two);
        ada.presence().set("name", "Ada");
        eve.presence().set("eve", 1);
        world.pass(SOON);
        assertThat(others(bob)).containsOnlyKeys("name", "eve");
        List<Integer> told = new ArrayList<>();
        bob.presence().subscribe(entries -> told.add(entries.size()));
        here.cutOff();
        atOne.abort();
        dial(ada, two);
        world.pass(Duration.ofMillis(2_300));
        assertThat(others(bob)).isEqualTo(Map.of("name", "Ada"));
        world.pass(Duration.ofMinutes(2));
        assertThat(told).containsExactly(2, 1);
    }

    @Test
    void whereNothingIsShownNothingIsSaid() {
        Sync ada = client(one);
        client(two);
        here.join();
        there.join();
        world.pass(Duration.ofHours(1));
        assertThat(store.sent()).isZero();
        ada.presence().set("name", "Ada");
        world.pass(Duration.ofMinutes(1));
        ada.presence().remove("name");
        world.pass(Duration.ofMinutes(2));
        long before = store.sent();
        here.join();
        there.join();
        world.pass(Duration.ofHours(1));
        assertThat(store.sent()).isEqualTo(before);
    }

    @Test
    void aClientThatSetsAValueAllTheTimeIsSlowedDownAndSeenWithItsLast() {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("cursor", 0);
        world.pass(SOON);
        long before = store.sent();
        for (int i = 0; i < 5_000; i++) {
            ada.presence().set("cursor", i);
            world.pass(Duration.ofMillis(1));
        }
        assertThat(store.sent() - before).isBetween(80L, 105L);
        world.pass(SOON);
        assertThat(others(bob)).isEqualTo(Map.of("cursor", 4_999L));
        before = store.sent();
        world.pass(Duration.ofSeconds(9)); // what is known already goes no further
        assertThat(store.sent()).isEqualTo(before);
    }

    /** However much there is to say, the store has one message at a time, and then what is newest. */
    @Test
    void aStoreThatIsSlowIsSentTheNewestAndNoMore() {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("cursor", 0);
        world.pass(SOON);
        here.stalled(true);
        long before = store.sent();
        for (int i = 1; i <= 1_000; i++) {
            ada.presence().set("cursor", i);
            world.pass(Duration.ofMillis(1));
        }
        assertThat(store.sent() - before).isEqualTo(1);
        here.stalled(false);
        world.pass(SOON);
        assertThat(others(bob)).isEqualTo(Map.of("cursor", 1_000L));
        assertThat(store.sent() - before).isLessThanOrEqualTo(3);
    }

    @Test
    void whatTheStoreHasNotTakenIsSaidAgain() {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("cursor", 0);
        ada.presence().set("typing", true);
        world.pass(SOON);
        here.failing(true);
        ada.presence().set("cursor", 1);
        ada.presence().remove("typing");
        world.pass(SOON);
        assertThat(others(bob)).isEqualTo(Map.of("cursor", 0L, "typing", true));
        here.failing(false);
        world.pass(Duration.ofMillis(1_300));
        assertThat(others(bob)).isEqualTo(Map.of("cursor", 1L));
    }

    /** Long before all is stated again anyway, and what was removed, too. */
    @Test
    void aHubThatWasCutOffAsksForWhatItHasMissed() {
        Sync ada = client(one);
        Sync eve = client(one);
        Sync bob = client(two);
        ada.presence().set("cursor", 0);
        ada.presence().set("typing", true);
        eve.presence().set("name", "Eve");
        world.pass(SOON);
        assertThat(others(bob)).hasSize(3);
        world.pass(Duration.ofSeconds(2)); // since it asked when it began
        there.cutOff();
        ada.presence().set("cursor", 1);
        ada.presence().remove("typing");
        gone(eve);
        world.pass(Duration.ofSeconds(1));
        assertThat(others(bob)).hasSize(3);
        there.join();
        world.pass(SOON);
        assertThat(others(bob)).isEqualTo(Map.of("cursor", 1L));
    }

    /** As when the server was away: who is back first asks, and is not heard. */
    @Test
    void hubsThatWereAllDeafTellEachOtherWhatTheyHaveMissed() {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("cursor", 0);
        bob.presence().set("cursor", 0);
        world.pass(Duration.ofSeconds(5));
        here.deaf();
        there.deaf();
        ada.presence().set("cursor", 1);
        bob.presence().set("cursor", 1);
        world.pass(SOON);
        there.join();
        world.pass(SOON);
        here.join();
        world.pass(Duration.ofMillis(2_300)); // the other one has said everything a moment ago
        assertThat(others(bob)).isEqualTo(Map.of("cursor", 1L));
        assertThat(others(ada)).isEqualTo(Map.of("cursor", 1L));
    }

    /** Of hubs that listen anew again and again. */
    @Test
    void whoAsksAllTheTimeIsAnsweredEveryTwoSeconds() {
        Sync ada = client(one);
        client(two);
        ada.presence().set("name", "Ada");
        world.pass(SOON);
        long before = store.sent();
        for (int i = 0; i < 600; i++) {
            there.join();
            world.pass(Duration.ofMillis(100));
        }
        assertThat(store.sent() - before)
                .as("a question each time, an answer every other second, and refreshes")
                .isBetween(600L, 600L + 31 + 7);
    }

    @Test
    void aHubWithNobodyReadsNothingAndAsksWhenSomebodyComes() {
        Sync ada = client(one);
        ada.presence().set("name", "Ada");
        world.pass(Duration.ofSeconds(21));
        long before = store.sent();
        Sync bob = client(two);
        world.pass(SOON);
        assertThat(others(bob)).isEqualTo(Map.of("name", "Ada"));
        assertThat(store.sent() - before).as("a question and its answer").isEqualTo(2);
    }

    @Test
    void programsWithoutSessionsShowAndSee() {
        one.presence().set("hub", 1);
        List<List<PresenceEntry>> told = new ArrayList<>();
        two.presence().subscribe(told::add);
        world.pass(SOON);
        one.presence().set("hub", 2);
        world.pass(SOON);
        assertThat(others(two)).isEqualTo(Map.of("hub", 2L));
        assertThat(told.get(told.size() - 1)).hasSize(1);
        one.presence().remove("hub");
        world.pass(SOON);
        assertThat(others(two)).isEmpty();
    }

    /** With whatever grants its hub and the others have. */
    @Test
    void whoMayOnlyReadShowsNothingAtAnyHubAndWhoMayOnlyWriteSeesNothing() {
        Map<Rights, Sync> atOne = guests(one);
        Map<Rights, Sync> atTwo = guests(two);
        atOne.forEach((rights, guest) -> guest.presence().set("1 " + rights.name(), 1));
        atTwo.forEach((rights, guest) -> guest.presence().set("2 " + rights.name(), 1));
        world.pass(Duration.ofSeconds(25));
        assertThat(others(one)).containsOnlyKeys("1 WRITE", "1 READ_WRITE", "2 WRITE", "2 READ_WRITE");
        assertThat(others(two)).containsOnlyKeys("1 WRITE", "1 READ_WRITE", "2 WRITE", "2 READ_WRITE");
        assertThat(others(atTwo.get(Rights.READ)))
                .containsOnlyKeys("1 WRITE", "1 READ_WRITE", "2 WRITE", "2 READ_WRITE");
        assertThat(others(atTwo.get(Rights.WRITE))).isEmpty();
        assertThat(others(atOne.get(Rights.WRITE))).isEmpty();
        peers.forEach(world::close);
        peers.clear();
        world.pass(Duration.ofMinutes(1)); // who looked at the grants looks once more
    }

    private Map<Rights, Sync> guests(Sync hub) {
        Grants grants = Grants.inMemory();
        Endpoint endpoint = world.get(hub.listen("memory:", grants));
        Map<Rights, Sync> guests = Map.of(
                Rights.READ, peer(),
                Rights.WRITE, peer(),
                Rights.READ_WRITE, peer());
        guests.forEach((rights, guest) -> {
            Grant grant = Grant.of(rights.name().toLowerCase(Locale.ROOT).replace('_', '-'), rights, world.random);
            grants.add(grant);
            world.get(world.get(guest.dial(endpoint.publicAddress(), grant.secret()))
                    .backlog());
        });
        return guests;
    }

    /** Whoever reaches the store can say anything there. */
    @Test
    void whatIsNoMessageOfPresenceIsDroppedAndChangesNothing() {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("name", "Ada");
        world.pass(SOON);
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[world.random.nextInt(64)];
            world.random.nextBytes(bytes);
            if (bytes.length > 0 && i % 2 == 0) {
                bytes[0] = 1;
            }
            store.say(bytes);
            world.settle();
        }
        store.say(new byte[0]);
        store.say(new byte[20_000]);
        world.pass(SOON);
        assertThat(two.presence().dropped()).isPositive();
        assertThat(others(bob)).isEqualTo(Map.of("name", "Ada"));
        world.pass(Duration.ofSeconds(10)); // they have used up what is taken at once
        ada.presence().set("name", "Ada Lovelace");
        world.pass(SOON);
        assertThat(others(bob)).isEqualTo(Map.of("name", "Ada Lovelace"));
    }

    /** Where much is lost, and what comes, comes twice: all of it is right again when a refresh has come through. */
    @Test
    void lossesHealByThemselves() {
        Sync ada = client(one);
        Sync bob = client(two);
        store.with(50, 50);
        for (int i = 0; i < 100; i++) {
            ada.presence().set("cursor", i);
            bob.presence().set("typing", i);
            world.pass(Duration.ofMillis(70));
        }
        store.with(0, 0);
        world.pass(Duration.ofSeconds(11));
        assertThat(others(bob)).isEqualTo(Map.of("cursor", 99L));
        assertThat(others(ada)).isEqualTo(Map.of("typing", 99L));
    }
}
