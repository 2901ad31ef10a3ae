package dev.livesync.core.session;

import static dev.livesync.core.session.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.KeptPeer;
import dev.livesync.KeptPeer.State;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.Tuned;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.message.Feature;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import dev.livesync.transport.memory.MemoryFaults;
import dev.livesync.transport.memory.MemoryLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer that is dialled again by itself. Time is the world's, and so is the order in which things happen. */
class KeptPeerTest {
    private static final String SECRET = "S".repeat(43);
    private static final String HUB = "memory:hub#" + SECRET;
    private static final Path PAGE = Path.of("..", "docs", "errors.md");

    private record Told(long nanos, KeptPeer.Status status) {}

    private World world = new World(16);
    private TestReplica mine = new TestReplica();
    private TestReplica theirs = new TestReplica();
    private final List<Sync> syncs = new ArrayList<>();
    private final List<KeptPeer> kept = new ArrayList<>();
    private final List<Told> told = new ArrayList<>();

    private Sync dialler() {
        Sync sync = world.peer(mine)
                .transport(world.network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void keptPeerChanged(KeptPeer peer, KeptPeer.Status status) {
                        told.add(new Told(world.nanos().getAsLong(), status));
                    }
                })
                .build();
        syncs.add(sync);
        return sync;
    }

    private Sync hub() {
        Sync sync = world.dialling(theirs);
        syncs.add(sync);
        world.get(sync.listen(HUB));
        return sync;
    }

    private KeptPeer keep(String address) {
        KeptPeer peer = dialler().keep(address);
        kept.add(peer);
        return peer;
    }

    private KeptPeer keep() {
        return keep(HUB);
    }

    private Session inStep(KeptPeer peer) {
        Session session = world.get(peer.connected());
        world.get(session.backlog());
        world.settle();
        return session;
    }

    private List<State> states() {
        List<State> states = told.stream().map(each -> each.status().state()).toList();
        told.clear();
        return states;
    }

    @AfterEach
    void nothingIsLeftOpen() {
        end();
    }

    private void end() {
        kept.forEach(world::close);
        world.settle();
        world.pass(Duration.ofSeconds(1));
        for (KeptPeer peer : kept) {
            assertThat(peer.status().state()).as("seed %d", world.seed).isEqualTo(State.STOPPED);
            assertThat(peer.closed()).as("seed %d", world.seed).isDone();
        }
        syncs.forEach(world::close);
        kept.clear();
        syncs.clear();
        world.network.faults().acceptDials();
        world.settle();
        assertThat(world.network.faults().links())
                .as("open channels, seed %d", world.seed)
                .isEmpty();
        assertThat(world.timers()).as("timers, seed %d", world.seed).isZero();
    }

    @Test
    void isDialledUntilSomebodyListens() {
        KeptPeer peer = keep();
        assertThat(peer.address()).isEqualTo("memory:hub");
        CompletableFuture<Session> connected = peer.connected();
        world.settle();
        assertThat(peer.status().state()).isEqualTo(State.WAITING);
        assertThat(peer.status().failure().orElseThrow().kind()).isEqualTo(ErrorKind.UNREACHABLE);
        assertThat(peer.status().nextDial()).isPresent();
        assertThat(syncs.get(0).status()).isEqualTo(SessionStatus.CONNECTING);
        world.pass(Duration.ofMinutes(10));
        assertThat(connected).isNotDone();
        assertThat(peer.status().failures()).isGreaterThan(20);

        theirs.put("a", "1");
        hub();
        world.pass(Duration.ofSeconds(30));
        assertThat(world.get(connected)).isEqualTo(peer.status().session().orElseThrow());
        assertThat(peer.status().failure()).isEmpty();
        world.pass(Duration.ofSeconds(30));
        assertThat(mine.heads()).isEqualTo(theirs.heads());
        world.close(peer);
        world.get(peer.closed());
        assertThat(syncs.get(0).status()).isEqualTo(SessionStatus.DESTROYED);
    }

    /** The bounds are those of the page, written down once more. */
    @Test
    void theWaitsAreWithinBoundsThatDouble() {
        List<Long> bounds = List.of(250L, 500L, 1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 30_000L, 30_000L, 30_000L);
        Map<Integer, Long> longest = new java.util.HashMap<>();
        for (int seed = 0; seed < 40; seed++) {
            world = new World(seed);
            told.clear();
            keep();
            world.pass(Duration.ofMinutes(5));
            int waits = 0;
            for (int i = 0; i + 1 < told.size() && waits < bounds.size(); i++) {
                Told wait = told.get(i);
                if (wait.status().state() == State.WAITING) {
                    Told next = told.get(i + 1);
                    assertThat(next.status().state()).isEqualTo(State.CONNECTING);
                    assertThat(wait.status().failures()).isEqualTo(waits + 1);
                    long millis = (next.nanos() - wait.nanos()) / 1_000_000;
                    assertThat(millis).as("wait %d of seed %d", waits, seed).isBetween(0L, bounds.get(waits));
                    longest.merge(waits, millis, Math::max);
                    waits++;
                }
            }
            assertThat(waits).as("seed %d", seed).isEqualTo(bounds.size());
            end();
        }
        for (int i = 0; i < bounds.size(); i++) {
            assertThat(longest.get(i)).as("the longest wait %d of 40", i).isGreaterThan(bounds.get(i) / 2);
        }
    }

    /** What {@code docs/errors.md} says of each kind is what happens. */
    @ParameterizedTest
    @EnumSource
    void goesOnOrStopsAsThePageSays(ErrorKind kind) throws IOException {
        hub();
        world.network.faults().refuseDials(kind);
        KeptPeer peer = keep();
        CompletableFuture<Session> connected = peer.connected();
        world.pass(Duration.ofMinutes(1));
        boolean stopped = peer.status().state() == State.STOPPED;
        assertThat(stopped ? "stops" : "goes on").as(kind.name()).isEqualTo(page().get(kind));
        if (stopped) {
            assertThat(peer.status().failure().orElseThrow().kind()).isEqualTo(kind);
            refused(kind, () -> world.get(peer.closed()));
            refused(kind, () -> world.get(connected));
            refused(kind, () -> world.get(peer.connected()));
            assertThat(world.timers()).isZero();
        } else {
            world.network.faults().acceptDials();
            world.pass(Duration.ofSeconds(30));
            assertThat(connected).isCompleted();
        }
    }

    private static Map<ErrorKind, String> page() throws IOException {
        Map<ErrorKind, String> rows = new EnumMap<>(ErrorKind.class);
        Pattern row = Pattern.compile("\\| ([A-Z_]+) \\| (goes on|stops) \\|.*");
        for (String line : Files.readAllLines(PAGE)) {
            Matcher matcher = row.matcher(line);
            if (matcher.matches()) {
                assertThat(rows.put(ErrorKind.valueOf(matcher.group(1)), matcher.group(2)))
                        .isNull();
            }
        }
        return rows;
    }

    @Test
    void aWrongSecretStopsIt() {
        hub();
        KeptPeer peer = keep("memory:hub#" + "W".repeat(43));
        refused(ErrorKind.AUTHENTICATION, () -> world.get(peer.closed()));
        assertThat(states()).containsExactly(State.CONNECTING, State.STOPPED);
    }

    @Test
    void anUnusableAddressStopsIt() {
        for (String address : List.of(
                "nonsense", "nobody:speaks#" + SECRET, "memory:hub", "memory:hub#short", "memory:hub?x#" + SECRET)) {
            KeptPeer peer = keep(address);
            refused(ErrorKind.CONFIGURATION, () -> world.get(peer.closed()));
            assertThat(peer.address()).doesNotContain("#");
        }
    }

    @Test
    void twoSecretsStopIt() {
        KeptPeer peer = dialler().keep(HUB, "T".repeat(43));
        kept.add(peer);
        refused(ErrorKind.CONFIGURATION, () -> world.get(peer.closed()));
    }

    @Test
    void aGrantThatIsRevokedInTheSessionStopsItWithTheListenersWords() {
        Grants grants = Grants.inMemory();
        Sync hub = world.dialling(theirs);
        syncs.add(hub);
        world.get(hub.listen("memory:hub", grants));
        Grant grant = Grant.of("alice", Rights.READ_WRITE, new Random(1));
        grants.add(grant);
        KeptPeer peer = keep("memory:hub#" + grant.secret());
        inStep(peer);
        world.pass(Duration.ofSeconds(10));
        states();
        grants.revoke("alice");
        world.pass(Duration.ofSeconds(5));
        assertThat(refused(ErrorKind.AUTHENTICATION, () -> world.get(peer.closed())))
                .hasMessageContaining("grant alice was revoked");
        assertThat(states()).containsExactly(State.WAITING, State.CONNECTING, State.STOPPED);
    }

    /** One message that somebody makes up ends a session, and nothing more. */
    @Test
    void somebodyOnTheWireDoesNotStopIt() {
        hub();
        KeptPeer peer = keep();
        for (int i = 0; i < 5; i++) {
            Session session = inStep(peer);
            world.network
                    .faults()
                    .links()
                    .forEach(link -> link.inject(
                            MemoryLink.Side.LISTENER, dev.livesync.api.transport.Message.binary(new byte[] {1})));
            refused(ErrorKind.AUTHENTICATION, () -> world.get(session.closed()));
            world.pass(Duration.ofSeconds(5));
        }
        assertThat(peer.status().state()).isEqualTo(State.CONNECTED);
    }

    @Test
    void aDocumentThatThePeerNeverTakesStopsIt() {
        Sync small = world.peer(theirs)
                .transport(world.network.provider())
                .limits(SyncLimits.builder()
                        .maxDocumentBytes(50_000)
                        .closeTime(Duration.ofMillis(20))
                        .deliveryTime(Duration.ofMillis(20))
                        .build())
                .build();
        syncs.add(small);
        world.get(small.listen(HUB));
        KeptPeer peer = keep();
        inStep(peer);
        mine.put("big", "x".repeat(100_000));
        world.pass(Duration.ofSeconds(10));
        refused(ErrorKind.LIMIT_EXCEEDED, () -> world.get(peer.closed()));
    }

    @Test
    void aDatabaseThatIsClosedHereStopsIt() {
        hub();
        KeptPeer peer = keep();
        inStep(peer);
        mine.close();
        world.pass(Duration.ofSeconds(10));
        refused(ErrorKind.CLOSED, () -> world.get(peer.closed()));
    }

    @Test
    void afterASessionThatWasInStepForAWhileItIsDialledAtOnce() {
        hub();
        KeptPeer peer = keep();
        inStep(peer);
        world.pass(Duration.ofSeconds(2));
        states();
        world.network.faults().cutAll();
        world.settle();
        assertThat(states()).containsExactly(State.CONNECTING, State.CONNECTED);
    }

    @Test
    void aPeerThatThrowsEverybodyOutIsDialledLessAndLess() {
        Sync unfriendly = world.peer(theirs)
                .transport(world.network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void equalChanged(Session session, boolean equal) {
                        if (equal) {
                            world.close(session);
                        }
                    }
                })
                .build();
        syncs.add(unfriendly);
        world.get(unfriendly.listen(HUB));
        KeptPeer peer = keep();
        world.pass(Duration.ofMinutes(5));
        long dials = told.stream()
                .filter(each -> each.status().state() == State.CONNECTED)
                .count();
        assertThat(dials).as("sessions in five minutes").isBetween(8L, 60L);
        assertThat(peer.status().failures()).isGreaterThan(7);
    }

    @Test
    void closingOrAbortingTheSessionMeansThatSessionAlone() {
        hub();
        KeptPeer peer = keep();
        Session first = inStep(peer);
        world.close(first);
        world.pass(Duration.ofSeconds(5));
        Session second = inStep(peer);
        second.abort();
        world.pass(Duration.ofSeconds(5));
        Session third = inStep(peer);
        assertThat(List.of(first.id(), second.id(), third.id())).doesNotHaveDuplicates();
    }

    @Test
    void closingItDeliversWhatWasWritten() {
        hub();
        KeptPeer peer = keep();
        Session session = inStep(peer);
        mine.put("last", "1");
        world.close(peer);
        world.get(peer.closed());
        assertThat(theirs.heads()).isEqualTo(mine.heads());
        assertThat(session.closed()).isCompleted();
        world.close(peer);
        refused(ErrorKind.CLOSED, () -> world.get(peer.connected()));
    }

    @Test
    void closingItSaysWhatCouldNotBeDelivered() {
        hub();
        KeptPeer peer = keep();
        inStep(peer);
        world.network.faults().links().forEach(MemoryLink::silence);
        mine.put("last", "1");
        world.close(peer);
        world.pass(Duration.ofMinutes(1));
        refused(ErrorKind.TIMEOUT, () -> world.get(peer.closed()));
    }

    @Test
    void closingItEndsTheWaitAndTheDialAtOnce() {
        KeptPeer waiting = keep();
        world.settle();
        assertThat(waiting.status().state()).isEqualTo(State.WAITING);
        world.close(waiting);
        world.settle();
        assertThat(world.timers()).isZero();

        hub();
        world.network.faults().holdDials();
        KeptPeer dialling = keep();
        world.settle();
        assertThat(dialling.status().state()).isEqualTo(State.CONNECTING);
        assertThat(world.timers()).isPositive();
        world.close(dialling);
        world.settle();
        assertThat(world.timers()).as("the dial's deadline, too").isZero();
    }

    @Test
    void aSyncThatIsClosedKeepsNobody() {
        Sync sync = dialler();
        world.close(sync);
        KeptPeer peer = sync.keep(HUB);
        refused(ErrorKind.CLOSED, () -> world.get(peer.closed()));
        refused(ErrorKind.CLOSED, () -> world.get(peer.connected()));
    }

    /** What ends it, or gets in its way, at any moment. */
    enum Event {
        CLOSE,
        SYNC_CLOSE,
        HUB_CLOSE,
        CUT,
        RETRY
    }

    @ParameterizedTest
    @EnumSource
    void nothingThatHappensAtAnyMomentLeavesAnythingOrEndsIt(Event event) {
        for (int steps = 0; steps < 160; steps += 8) {
            world = new World(steps);
            mine = new TestReplica();
            theirs = new TestReplica();
            for (int i = 0; i < 20; i++) {
                mine.put("a" + i, "1");
                theirs.put("b" + i, "1");
            }
            if (steps % 16 == 0) {
                hub(); // otherwise it waits at first
            }
            KeptPeer peer = keep();
            for (int i = 0; i < steps; i++) {
                if (!world.step()) {
                    world.pass(Duration.ofMillis(10));
                }
            }
            switch (event) {
                case CLOSE -> world.close(peer);
                case SYNC_CLOSE -> world.closeAbruptly(syncs.get(syncs.size() - 1));
                case HUB_CLOSE -> syncs.subList(0, syncs.size() - 1).forEach(world::closeAbruptly);
                case CUT -> world.network.faults().cutAll();
                case RETRY -> peer.retryNow();
            }
            world.settle();
            if (event == Event.CLOSE || event == Event.SYNC_CLOSE) {
                world.pass(Duration.ofSeconds(1));
                assertThat(peer.status().state()).as("after %d steps", steps).isEqualTo(State.STOPPED);
                assertThat(peer.closed()).as("after %d steps", steps).isDone();
                assertThat(world.timers()).as("after %d steps", steps).isZero();
            } else {
                if (steps % 16 != 0 || event == Event.HUB_CLOSE) {
                    hub();
                }
                world.pass(Duration.ofSeconds(40));
                assertThat(peer.status().state()).as("after %d steps", steps).isEqualTo(State.CONNECTED);
                assertThat(mine.heads()).as("after %d steps", steps).isEqualTo(theirs.heads());
            }
            end();
        }
    }

    /** Each connection breaks after so many messages, while both sides write: they come together all the same. */
    @Test
    void connectionsThatBreakAtRandomConverge() {
        for (int seed = 0; seed < 25; seed++) {
            world = new World(seed);
            mine = new TestReplica();
            theirs = new TestReplica();
            world.network.faults().onLink(MemoryFaults.randomCuts(seed, 40));
            hub();
            keep();
            for (int i = 0; i < 30; i++) {
                mine.put("a" + i, "1");
                theirs.put("b" + i, "1");
                world.pass(Duration.ofMillis(world.random.nextInt(500)));
            }
            for (int minute = 0; minute < 10 && !mine.heads().equals(theirs.heads()); minute++) {
                world.pass(Duration.ofMinutes(1));
            }
            assertThat(mine.heads()).as("seed %d", seed).isEqualTo(theirs.heads());
            world.network.faults().onLink(link -> {});
            world.pass(Duration.ofMinutes(1));
            end();
        }
    }

    @Test
    void whatWasAcknowledgedIsNotSentAgain() {
        for (int i = 0; i < 200; i++) {
            mine.put("a" + i, "1");
        }
        hub();
        KeptPeer peer = keep();
        Session first = inStep(peer);
        assertThat(first.statistics().eventsSent()).isEqualTo(200);
        world.pass(Duration.ofSeconds(3));
        world.network.faults().cutAll();
        mine.put("b", "1");
        theirs.put("c", "1");
        theirs.put("d", "1");
        world.settle();
        Session second = inStep(peer);
        world.settle();
        assertThat(second).isNotEqualTo(first);
        assertThat(second.statistics().eventsSent()).isEqualTo(1);
        assertThat(second.statistics().eventsReceived()).isEqualTo(2);
        assertThat(mine.heads()).isEqualTo(theirs.heads());
    }

    /** Neither end hears of the other: both notice, and a new session comes without anybody's help. */
    @Test
    void afterASilenceThereIsANewSessionAndTheOldOneIsGone() {
        Sync hub = hub();
        KeptPeer peer = keep();
        Session first = inStep(peer);
        world.network.faults().links().forEach(MemoryLink::silence);
        mine.put("a", "1");
        world.pass(Duration.ofSeconds(130));
        assertThat(first.closed()).isCompletedExceptionally();
        assertThat(peer.status().state()).isEqualTo(State.CONNECTED);
        assertThat(hub.sessions()).hasSize(1);
        assertThat(theirs.heads()).isEqualTo(mine.heads());
    }

    @Test
    void anOldSessionThatTheHubStillHoldsIsNotInTheWay() {
        Sync hub = hub();
        KeptPeer peer = keep();
        Session first = inStep(peer);
        world.network.faults().links().forEach(MemoryLink::silence);
        first.abort();
        world.pass(Duration.ofSeconds(1));
        assertThat(hub.sessions()).as("the hub has not noticed").hasSize(2);
        mine.put("a", "1");
        world.pass(Duration.ofSeconds(1));
        assertThat(theirs.heads()).isEqualTo(mine.heads());
        world.pass(Duration.ofSeconds(130));
        assertThat(hub.sessions()).hasSize(1);
        assertThat(peer.status().state()).isEqualTo(State.CONNECTED);
    }

    @Test
    void anotherNetworkEndsAWait() {
        KeptPeer peer = keep();
        world.pass(Duration.ofMinutes(20));
        assertThat(peer.status().failures()).isGreaterThan(30);
        hub();
        states();
        world.networks("home", "mobile");
        world.pass(Duration.ofSeconds(1));
        assertThat(peer.status().state()).isEqualTo(State.CONNECTED);
        assertThat(states()).containsExactly(State.CONNECTING, State.CONNECTED);
    }

    @Test
    void anotherNetworkBeginsTheRowAnew() {
        KeptPeer peer = keep();
        world.pass(Duration.ofMinutes(20));
        world.networks("mobile");
        world.pass(Duration.ofMillis(1_001));
        assertThat(peer.status().failures()).isBetween(1, 4);
    }

    @Test
    void aDialThatHangsIsGivenUpForOneFromTheOtherNetwork() {
        hub();
        world.network.faults().holdDials();
        KeptPeer peer = keep();
        world.pass(Duration.ofSeconds(5));
        assertThat(peer.status().state()).isEqualTo(State.CONNECTING);
        states();
        world.networks("mobile");
        world.pass(Duration.ofSeconds(1));
        assertThat(states()).containsExactly(State.CONNECTING);
        world.network.faults().acceptDials();
        world.settle();
        assertThat(peer.status().state()).isEqualTo(State.CONNECTED);
        assertThat(syncs.get(1).sessions())
                .as("one of the two dials was given up")
                .hasSize(1);
    }

    @Test
    void whoeverKnowsMoreHasItDialledNow() {
        KeptPeer peer = keep();
        world.pass(Duration.ofMinutes(20));
        hub();
        peer.retryNow();
        world.settle();
        assertThat(peer.status().state()).isEqualTo(State.CONNECTED);
        Session session = peer.status().session().orElseThrow();
        peer.retryNow();
        world.settle();
        assertThat(peer.status().session()).as("a session is left alone").contains(session);
        world.close(peer);
        peer.retryNow();
        world.settle();
        assertThat(peer.status().state()).isEqualTo(State.STOPPED);
    }

    @Test
    void aYoungDialIsNotGivenUpForAnother() {
        hub();
        world.network.faults().holdDials();
        KeptPeer peer = keep();
        world.settle();
        states();
        for (int i = 0; i < 10; i++) {
            peer.retryNow();
        }
        world.settle();
        assertThat(states()).isEmpty();
        world.pass(Duration.ofSeconds(1));
        peer.retryNow();
        world.settle();
        assertThat(states()).containsExactly(State.CONNECTING);
        assertThat(peer.status().state()).isEqualTo(State.CONNECTING);
    }

    @Test
    void whoeverWaitsForASessionMayGiveUp() {
        KeptPeer peer = keep();
        CompletableFuture<Session> one = peer.connected();
        CompletableFuture<Session> other = peer.connected();
        world.settle();
        one.cancel(true);
        hub();
        world.pass(Duration.ofSeconds(30));
        assertThat(other).isCompletedWithValue(peer.status().session().orElseThrow());
        assertThat(peer.status().state()).isEqualTo(State.CONNECTED);
    }

    @Test
    void manyPeersAreKeptBesideEachOther() {
        List<KeptPeer> peers = new ArrayList<>();
        Sync sync = dialler();
        for (int i = 0; i < 20; i++) {
            peers.add(sync.keep("memory:hub" + i + "#" + SECRET));
        }
        kept.addAll(peers);
        for (int i = 0; i < 20; i++) {
            Sync hub = world.dialling(theirs);
            syncs.add(hub);
            world.get(hub.listen("memory:hub" + i + "#" + SECRET));
        }
        world.pass(Duration.ofSeconds(30));
        assertThat(peers).allSatisfy(peer -> assertThat(peer.status().state()).isEqualTo(State.CONNECTED));
        assertThat(sync.sessions()).hasSize(20);
    }

    /** Twenty machines that keep one peer. */
    private List<KeptPeer> crowd() {
        List<KeptPeer> peers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Sync sync = world.dialling(new TestReplica());
            syncs.add(sync);
            peers.add(sync.keep(HUB));
        }
        kept.addAll(peers);
        peers.forEach(this::inStep);
        world.pass(Duration.ofSeconds(3));
        return peers;
    }

    @Test
    void whoIsAskedToLeaveDoesAtAMomentOfItsOwnAndIsAtTheNextHubAtOnce() {
        Sync old = world.dialling(theirs);
        syncs.add(old);
        Endpoint place = world.get(old.listen(HUB));
        List<KeptPeer> peers = crowd();
        Sync next = world.dialling(theirs);
        syncs.add(next);
        place.close();
        world.get(next.listen(HUB));

        CompletableFuture<Void> drained = old.drain(Duration.ofSeconds(20));
        List<Integer> left = new ArrayList<>();
        for (int second = 1; second <= 20; second++) {
            theirs.put("a" + second, "1");
            world.pass(Duration.ofSeconds(1));
            left.add(old.sessions().size());
            assertThat(old.sessions().size() + next.sessions().size())
                    .as("sessions after %d s, seed %d", second, world.seed)
                    .isEqualTo(20);
        }
        assertThat(drained).isCompleted();
        assertThat(left).as("seed %d", world.seed).last().isEqualTo(0);
        assertThat(left.stream().distinct().count())
                .as("moments, seed %d: %s", world.seed, left)
                .isGreaterThan(5);
        assertThat(peers).allSatisfy(peer -> {
            assertThat(peer.status().state()).isEqualTo(State.CONNECTED);
            assertThat(peer.status().failures()).isZero();
            assertThat(world.get(peer.connected()).equal()).isTrue();
        });
    }

    @Test
    void whoDoesNotKnowThatItIsAskedToLeaveStays() {
        Sync old = Tuned.features(Feature.ofTexts(), world.peer(theirs))
                .transport(world.network.provider())
                .build();
        syncs.add(old);
        world.get(old.listen(HUB));
        List<KeptPeer> peers = crowd();
        CompletableFuture<Void> drained = old.drain(Duration.ofSeconds(20));
        world.pass(Duration.ofSeconds(19));
        assertThat(old.sessions()).hasSize(20);
        assertThat(drained).isNotDone();
        world.pass(Duration.ofSeconds(1));
        assertThat(drained).isCompleted();
        assertThat(peers).allSatisfy(peer -> assertThat(peer.status().state()).isEqualTo(State.CONNECTED));
    }

    @Test
    void aHubThatAsksEverybodyToLeaveForeverIsDialledLessAndLess() {
        Sync unfriendly = world.peer(theirs)
                .transport(world.network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void sessionOpened(Session session) {
                        ((SessionRunner) session).goAway(Duration.ZERO);
                    }
                })
                .build();
        syncs.add(unfriendly);
        world.get(unfriendly.listen(HUB));
        keep();
        world.pass(Duration.ofMinutes(5));
        long dials = told.stream()
                .filter(each -> each.status().state() == State.CONNECTED)
                .count();
        assertThat(dials).as("sessions in five minutes").isBetween(8L, 60L);
    }

    @Test
    void aListenerThatThrowsStopsNothing() {
        Sync sync = world.peer(mine)
                .transport(world.network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void keptPeerChanged(KeptPeer peer, KeptPeer.Status status) {
                        throw new IllegalStateException("from the test");
                    }

                    @Override
                    public void sessionClosed(Session session, @Nullable SyncException failure) {
                        throw new IllegalStateException("from the test");
                    }
                })
                .build();
        syncs.add(sync);
        KeptPeer peer = sync.keep(HUB);
        kept.add(peer);
        world.pass(Duration.ofSeconds(2));
        hub();
        world.pass(Duration.ofSeconds(30));
        world.network.faults().cutAll();
        world.pass(Duration.ofSeconds(30));
        assertThat(peer.status().state()).isEqualTo(State.CONNECTED);
    }
}
