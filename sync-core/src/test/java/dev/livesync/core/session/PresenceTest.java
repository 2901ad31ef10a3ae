package dev.livesync.core.session;

import static dev.livesync.core.session.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.Tuned;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import dev.livesync.presence.Presence;
import dev.livesync.presence.PresenceEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What peers show each other, over sessions in memory, in a world whose time is the test's. */
class PresenceTest {
    private static final Duration SOON = Duration.ofMillis(200);

    private final World world = new World(19);
    private final List<Sync> peers = new ArrayList<>();
    private final List<Database> databases = new ArrayList<>();

    @AfterEach
    void nothingIsLeftOpen() {
        peers.forEach(world::close);
        databases.forEach(Database::close);
        assertThat(world.network.faults().links()).isEmpty();
        assertThat(world.timers()).isZero();
    }

    private Sync peer() {
        return add(world.dialling(database()));
    }

    private Database database() {
        Database database = Database.inMemory();
        databases.add(database);
        return database;
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

    /** What others show to a peer. */
    private static Map<String, Object> others(Sync sync) {
        return sync.presence().entries().stream()
                .filter(entry -> !entry.own())
                .collect(Collectors.toMap(PresenceEntry::key, PresenceEntry::value));
    }

    @Test
    void aValueIsShownChangedAndRemoved() {
        Sync left = peer();
        Sync right = peer();
        dial(left, right);
        left.presence().set("cursor", Map.of("x", 1, "y", 2.5));
        world.pass(SOON);
        assertThat(others(right)).isEqualTo(Map.of("cursor", Map.of("x", 1L, "y", 2.5)));
        assertThat(right.presence().entries().get(0).peer())
                .isEqualTo(left.presence().id());
        assertThat(left.presence().entries())
                .containsExactly(new PresenceEntry(left.presence().id(), "cursor", Map.of("x", 1L, "y", 2.5), true));
        left.presence().set("cursor", "gone fishing");
        right.presence().set("typing", true);
        world.pass(SOON);
        assertThat(others(right)).isEqualTo(Map.of("cursor", "gone fishing"));
        assertThat(others(left)).isEqualTo(Map.of("typing", true));
        left.presence().remove("cursor");
        left.presence().remove("nothing");
        world.pass(SOON);
        assertThat(others(right)).isEmpty();
    }

    @Test
    void whatWasShownBeforeIsShownToWhoComesLater() {
        Sync left = peer();
        Sync right = peer();
        left.presence().set("name", "Ada");
        left.presence().set("old", 1);
        left.presence().remove("old");
        dial(right, left);
        world.pass(SOON);
        assertThat(others(right)).isEqualTo(Map.of("name", "Ada"));
    }

    @Test
    void aValueStaysAsLongAsItsPeerAndOneWithALifetimeGoesByItself() {
        Sync left = peer();
        Sync right = peer();
        dial(left, right);
        left.presence().set("name", "Ada");
        left.presence().set("typing", true, Duration.ofSeconds(3));
        left.presence().set("page", 7, Duration.ofMinutes(2));
        world.pass(SOON);
        assertThat(others(right)).hasSize(3);
        world.pass(Duration.ofSeconds(3));
        assertThat(others(right)).isEqualTo(Map.of("name", "Ada", "page", 7L));
        assertThat(left.presence().entries()).hasSize(2);
        world.pass(Duration.ofMinutes(2));
        assertThat(others(right)).isEqualTo(Map.of("name", "Ada"));
        world.pass(Duration.ofHours(1));
        assertThat(others(right)).isEqualTo(Map.of("name", "Ada"));
    }

    @Test
    void whoClosesIsGoneAtOnceForAllAndWhoIsCutOffSoon() {
        Sync hub = peer();
        Sync one = add(world.peer(database())
                .transport(world.network.provider())
                .limits(SyncLimits.builder()
                        .deliveryTime(Duration.ofMinutes(1))
                        .closeTime(Duration.ofMinutes(1))
                        .build())
                .build());
        Sync two = peer();
        Sync watching = peer();
        dial(one, hub);
        Session cut = dial(two, hub);
        dial(watching, hub);
        one.presence().set("one", 1);
        two.presence().set("two", 2);
        world.pass(SOON);
        assertThat(others(watching)).isEqualTo(Map.of("one", 1L, "two", 2L));
        SyncTask.run(one::close);
        world.settle();
        assertThat(one.sessions()).isEmpty();
        assertThat(others(watching)).isEqualTo(Map.of("two", 2L));
        cut.abort();
        world.pass(Duration.ofMillis(1_900));
        assertThat(others(watching)).isEqualTo(Map.of("two", 2L));
        world.pass(Duration.ofMillis(200));
        assertThat(others(watching)).isEmpty();
        assertThat(others(two)).isEmpty();
    }

    @Test
    void whoIsCutOffAndComesBackWasNeverGone() {
        Sync hub = peer();
        Sync one = peer();
        Sync watching = peer();
        Session first = dial(one, hub);
        dial(watching, hub);
        one.presence().set("one", 1);
        world.pass(SOON);
        List<Integer> told = new ArrayList<>();
        Subscription subscription = watching.presence().subscribe(entries -> told.add(entries.size()));
        first.abort();
        world.pass(SOON);
        dial(one, hub);
        world.pass(Duration.ofMinutes(1));
        assertThat(others(watching)).isEqualTo(Map.of("one", 1L));
        assertThat(told).containsExactly(1);
        subscription.close();
    }

    @Test
    void threePeersOverAHubEachSeeTheOthers() {
        Sync hub = peer();
        List<Sync> three = List.of(peer(), peer(), peer());
        three.forEach(each -> dial(each, hub));
        for (int i = 0; i < 3; i++) {
            three.get(i).presence().set("peer " + i, i);
        }
        world.pass(SOON);
        for (int i = 0; i < 3; i++) {
            assertThat(others(three.get(i))).hasSize(2).doesNotContainKey("peer " + i);
        }
        assertThat(others(hub)).hasSize(3);
    }

    /** With a session cut in the circle nobody is gone; and no update goes round. */
    @Test
    void inAMeshWithCirclesEachUpdateGoesOverEachSessionAtMostOnceInEachDirection() {
        AtomicLong sent = new AtomicLong();
        List<Sync> four = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            SyncListener counter = new SyncListener() {
                @Override
                public void sent(Session session, Message.Kind kind, int bytes) {
                    sent.incrementAndGet();
                }
            };
            four.add(add(world.peer(database())
                    .transport(world.network.provider())
                    .listener(counter)
                    .build()));
        }
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < i; j++) {
                sessions.add(dial(four.get(i), four.get(j)));
            }
        }
        world.pass(SOON);
        long before = sent.get();
        four.get(0).presence().set("a", 1);
        world.pass(SOON);
        assertThat(sent.get() - before).isBetween(3L, 12L);
        for (int i = 1; i < 4; i++) {
            assertThat(others(four.get(i))).isEqualTo(Map.of("a", 1L));
        }
        List<Integer> told = new ArrayList<>();
        Subscription subscription = four.get(1).presence().subscribe(entries -> told.add(entries.size()));
        sessions.get(0).abort();
        world.pass(Duration.ofSeconds(5));
        assertThat(told).containsExactly(1);
        subscription.close();
    }

    @Test
    void listenersAreToldWhatThereIsAndThenEachChange() {
        Sync left = peer();
        Sync right = peer();
        dial(left, right);
        left.presence().set("a", 1);
        world.pass(SOON);
        List<List<PresenceEntry>> told = new ArrayList<>();
        right.presence().subscribe(entries -> {
            throw new IllegalStateException("a listener that is broken");
        });
        Subscription subscription = right.presence().subscribe(told::add);
        world.settle();
        assertThat(told).hasSize(1);
        for (int i = 0; i < 100; i++) {
            left.presence().set("a", i);
        }
        world.pass(SOON);
        assertThat(told).hasSizeBetween(2, 4);
        assertThat(told.get(told.size() - 1).get(0).value()).isEqualTo(99L);
        int before = told.size();
        world.pass(Duration.ofMinutes(1)); // it is stated anew, and nothing changes
        assertThat(told).hasSize(before);
        subscription.close();
        left.presence().remove("a");
        world.pass(SOON);
        assertThat(told).hasSize(before);
    }

    @Test
    void whatIsNoValueOrNoKeyOrTooMuchIsRefused() {
        Presence presence = peer().presence();
        refused(ErrorKind.INVALID_ARGUMENT, () -> presence.set("", 1));
        refused(ErrorKind.INVALID_ARGUMENT, () -> presence.set("k".repeat(65), 1));
        refused(ErrorKind.INVALID_ARGUMENT, () -> presence.set("k", new Object()));
        refused(ErrorKind.INVALID_ARGUMENT, () -> presence.set("k", "\ud800"));
        refused(ErrorKind.INVALID_ARGUMENT, () -> presence.set("k", 1, Duration.ZERO));
        refused(ErrorKind.LIMIT_EXCEEDED, () -> presence.set("k", "v".repeat(2_046)));
        presence.set("k".repeat(64), "v".repeat(2_045));
        for (int i = 1; i < 16; i++) {
            presence.set("k" + i, i);
        }
        refused(ErrorKind.LIMIT_EXCEEDED, () -> presence.set("one more", 1));
        presence.set("k1", "again");
        presence.remove("k2");
        presence.set("one more", 1);
        assertThatThrownBy(() -> presence.set("k", null)).isInstanceOf(NullPointerException.class);
        world.close(peers.remove(0));
        refused(ErrorKind.CLOSED, () -> presence.set("k1", 1));
        assertThat(presence.entries()).isEmpty();
        presence.remove("k1");
    }

    /** Many keys, each for a moment: what was removed is forgotten first. */
    @Test
    void keysThatComeAndGoNeverUseUpTheRoom() {
        Sync left = peer();
        Sync right = peer();
        dial(left, right);
        left.presence().set("name", "Ada");
        for (int i = 0; i < 300; i++) {
            left.presence().set("key " + i, i);
            world.pass(Duration.ofMillis(60));
            left.presence().remove("key " + i);
        }
        left.presence().set("last", true);
        world.pass(SOON);
        assertThat(others(right)).isEqualTo(Map.of("name", "Ada", "last", true));
        assertThat(right.presence().dropped()).isZero();
    }

    // ---- who gets it

    /** Of each combination of features that lacks presence: not a byte, whichever end lacks it. */
    @Test
    void olderPeersGetNotAByte() {
        for (boolean natively : new boolean[] {true, false}) {
            for (boolean older : new boolean[] {true, false}) {
                Set<Feature> all = natively ? EnumSet.allOf(Feature.class) : EnumSet.copyOf(Feature.ofTexts());
                Set<Feature> without = EnumSet.copyOf(all);
                without.remove(Feature.PRESENCE);
                Sync left = add(Tuned.features(all, world.peer(database()))
                        .transport(world.network.provider())
                        .build());
                Sync right = add(Tuned.features(older ? without : all, world.peer(database()))
                        .transport(world.network.provider())
                        .build());
                Session session = dial(left, right);
                assertThat(session.peer().features().contains("presence")).isNotEqualTo(older);
                world.pass(SOON);
                long before = session.statistics().messagesSent();
                left.presence().set("a", 1);
                world.pass(SOON);
                assertThat(session.statistics().messagesSent() - before)
                        .as("natively %s, older %s", natively, older)
                        .isEqualTo(older ? 0 : 1);
                assertThat(others(right)).hasSize(older ? 0 : 1);
                peers.removeAll(List.of(left, right));
                world.close(left);
                world.close(right);
            }
        }
    }

    @Test
    void whoMayNotReadSeesNothingAndOfWhoMayNotWriteNothingIsShown() {
        Grants grants = Grants.inMemory();
        Sync hub = peer();
        Endpoint endpoint = world.get(hub.listen("memory:", grants));
        hub.presence().set("hub", "here");
        Map<Rights, Sync> guests = Map.of(Rights.READ, peer(), Rights.WRITE, peer(), Rights.READ_WRITE, peer());
        guests.forEach((rights, guest) -> {
            Grant grant =
                    Grant.of(rights.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'), rights, world.random);
            grants.add(grant);
            guest.presence().set(rights.name(), 1);
            world.get(world.get(guest.dial(endpoint.publicAddress(), grant.secret()))
                    .backlog());
        });
        world.pass(SOON);
        assertThat(others(hub)).containsOnlyKeys("WRITE", "READ_WRITE");
        assertThat(others(guests.get(Rights.READ))).containsOnlyKeys("hub", "WRITE", "READ_WRITE");
        assertThat(others(guests.get(Rights.WRITE))).isEmpty();
        assertThat(others(guests.get(Rights.READ_WRITE))).containsOnlyKeys("hub", "WRITE");
        peers.forEach(world::close);
        peers.clear();
        world.pass(Duration.ofMinutes(1)); // who looked at the grants looks once more
    }

    @Test
    void withoutPresenceThereIsNoTimerAndNoMessageOfIt() {
        Sync left = peer();
        Sync right = peer();
        Session session = dial(left, right);
        world.pass(SOON);
        int timers = world.timers();
        long before = session.statistics().messagesSent();
        assertThat(left.presence().entries()).isEmpty();
        left.presence().remove("nothing");
        world.pass(Duration.ofSeconds(1));
        assertThat(world.timers()).isEqualTo(timers);
        assertThat(session.statistics().messagesSent()).isEqualTo(before);
    }

    /** A program that sets a value all the time: others see twenty of them in a second, and documents go as ever. */
    @Test
    void aProgramThatSetsAValueAllTheTimeIsSlowedDownAndSeenWithItsLast() {
        Sync left = peer();
        Sync right = peer();
        Session session = dial(left, right);
        world.pass(SOON);
        long before = session.statistics().messagesSent();
        for (int i = 0; i < 5_000; i++) {
            left.presence().set("cursor", i);
            world.pass(Duration.ofMillis(1));
        }
        assertThat(session.statistics().messagesSent() - before).isBetween(90L, 105L);
        databases.get(0).put("a", "{}");
        world.settle();
        assertThat(databases.get(1).get("a")).isPresent();
        world.pass(SOON);
        assertThat(others(right)).isEqualTo(Map.of("cursor", 4_999L));
        assertThat(right.presence().dropped()).isZero();
    }

    @Test
    void closedInTheMiddleOfThingsNothingIsLeft() {
        for (int steps = 0; steps < 60; steps += 2) {
            Sync left = peer();
            Sync right = peer();
            left.presence().set("a", 1);
            right.presence().set("b", 1, Duration.ofSeconds(5));
            right.presence().subscribe(entries -> {});
            Endpoint endpoint = world.get(right.listen("memory:"));
            var dialling = left.dial(endpoint.address());
            for (int i = 0; i < steps; i++) {
                world.step();
            }
            world.closeAbruptly(steps % 4 == 0 ? left : right);
            assertThat(dialling.isDone()).isTrue();
            world.pass(Duration.ofSeconds(3));
            peers.removeAll(List.of(left, right));
            world.close(left);
            world.close(right);
            assertThat(others(left)).as("after %d steps", steps).isEmpty();
            assertThat(others(right)).as("after %d steps", steps).isEmpty();
        }
    }
}
