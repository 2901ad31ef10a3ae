package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.Endpoint;
import dev.livesync.PeerInfo.Authentication;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A relayed channel introduces a direct one: what both ends come to, whatever happens meanwhile. */
class IntroductionTest {
    private static final MemoryConfiguration RELAYED =
            MemoryConfiguration.builder().relayed(true).build();

    /** For how long the initiator looks for a path. */
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final World world = new World(43);
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();
    private final List<Sync> peers = new ArrayList<>();
    private final List<MemoryLink> links = new ArrayList<>();
    private final List<String> opened = new ArrayList<>();
    private final List<String> closed = new ArrayList<>();

    private final SyncListener listener = new SyncListener() {
        @Override
        public void sessionOpened(Session session) {
            opened.add(session.transport());
        }

        @Override
        public void sessionClosed(Session session, SyncException failure) {
            closed.add(failure == null ? "in order" : failure.kind().name());
        }
    };

    IntroductionTest() {
        world.network.faults().onLink(links::add);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        peers.forEach(world::close);
        assertThat(world.network.faults().links()).as("open channels").isEmpty();
        assertThat(world.timers()).as("timers").isZero();
    }

    @Test
    void aSessionGoesOnOverTheDirectChannelAndTheFirstOneIsClosed() {
        ByteArrayOutputStream recording = new ByteArrayOutputStream();
        world.network.faults().onLink(link -> {
            links.add(link);
            link.tap((side, message) -> recording.writeBytes(message.payload()));
        });
        here.put("confidential-a", "one of ours");
        there.put("confidential-b", "one of theirs");
        Session session = world.get(dial());
        world.get(session.awaitEqual());
        here.put("confidential-c", "later");
        there.put("confidential-d", "later still");
        world.settle();

        assertThat(there.events()).isEqualTo(here.events()).hasSize(4);
        assertThat(session.transport()).isEqualTo("memory-signal");
        assertThat(opened).containsExactly("memory-signal", "memory-signal");
        assertThat(session.peer().remote()).startsWith("memory:door");
        assertThat(session.peer().authentication()).isEqualTo(Authentication.SEALED);
        assertThat(session.peer().features()).contains("introduce", "native");
        assertThat(world.network.faults().links()).containsExactly(direct());
        // First message, confirmation, offer, verdict; answer of the handshake, answer, verdict.
        assertThat(first().sent(Side.DIALER)).isEqualTo(4);
        assertThat(first().sent(Side.LISTENER)).isEqualTo(3);
        assertThat(session.statistics().messagesSent() + session.statistics().messagesReceived())
                .isEqualTo(direct().sent(Side.DIALER) + direct().sent(Side.LISTENER));
        assertThat(recording.toString(StandardCharsets.ISO_8859_1))
                .doesNotContain("confidential", "ours", "theirs", "later", "memory-signal offer");
    }

    @Test
    void aCloseOverTheDirectChannelIsInOrder() {
        Session session = world.get(dial());
        world.get(session.awaitEqual());
        here.put("last", "words");
        world.close(session);
        world.settle();
        assertThat(there.events()).isEqualTo(here.events());
        assertThat(closed).containsExactly("in order", "in order");
    }

    @Test
    void whoIsInBetweenOnTheDirectChannelGainsNothing() {
        Session session = world.get(dial());
        world.get(session.awaitEqual());
        direct().inject(Side.DIALER, Message.text("{\"bye\":true}"));
        world.settle();
        assertThat(closed).contains("AUTHENTICATION");
        assertThatThrownBy(() -> world.get(session.closed())).isInstanceOf(SyncException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "true, true, false, false",
        "false, true, true, false",
        "true, false, true, false",
        "true, true, true, true"
    })
    void nobodyIsIntroducedUnlessBothEndsAskForItOnARelayedChannelThatIsNotBound(
            boolean ours, boolean theirs, boolean relayed, boolean bound) {
        MemoryConfiguration wire =
                MemoryConfiguration.builder().relayed(relayed).binding(bound).build();
        here.put("a", "1");
        Endpoint door = world.get(add(peer(here, wire).introduce(ours)).listen("memory:door"));
        Session session = world.get(add(peer(there, wire).introduce(theirs)).dial(door.address()));
        world.get(session.awaitEqual());
        assertThat(session.transport()).isEqualTo("memory");
        assertThat(links).hasSize(1);
        assertThat(world.network.faults().links()).containsExactly(first());
    }

    @Test
    void whoHasNoTransportForDirectChannelsOrSeveralStaysWhereItIs() {
        here.put("a", "1");
        Sync several = add(peer(here, RELAYED).transport(new NamedProvider(world.network.signalling(), "another")));
        Sync alone =
                add(world.peer(there).transport(world.network.provider(RELAYED)).listener(listener));
        Session session =
                world.get(alone.dial(world.get(several.listen("memory:door")).address()));
        world.get(session.awaitEqual());
        assertThat(session.transport()).isEqualTo("memory");
        assertThat(session.peer().features()).doesNotContain("introduce");
    }

    @Test
    void twoTransportsOfDifferentNamesStayWhereTheyAre() {
        here.put("a", "1");
        Sync other = add(world.peer(here)
                .transport(world.network.provider(RELAYED))
                .transport(new NamedProvider(world.network.signalling(), "another"))
                .listener(listener));
        CompletableFuture<Session> dialled =
                both().dial(world.get(other.listen("memory:door")).address());
        Session session = world.get(dialled);
        world.get(session.awaitEqual());
        assertThat(opened).containsExactly("memory", "memory");
    }

    @Test
    void withoutAPathTheSessionStaysOnTheFirstChannelWhenTheTimeIsOver() {
        here.put("a", "1");
        CompletableFuture<Session> dialled = dial();
        world.until(() -> links.size() == 1);
        world.network.faults().holdDials();
        world.settle();
        Session session = world.get(dialled);
        assertThat(session.status()).isEqualTo(SessionStatus.CONNECTING);
        assertThat(opened).isEmpty();
        world.pass(LOOK.minusMillis(1));
        assertThat(opened).isEmpty();
        world.pass(Duration.ofMillis(1));
        world.get(session.awaitEqual());
        assertThat(opened).containsExactly("memory", "memory");
        // The path opens after all: nobody has a use for it.
        world.network.faults().acceptDials();
        world.settle();
        assertThat(world.network.faults().links()).containsExactly(first());
        here.put("b", "2");
        world.settle();
        assertThat(there.events()).isEqualTo(here.events()).hasSize(2);
    }

    @Test
    void noPathIsLookedForAgainBeforeAWhileHasPassedOrTheMachineIsElsewhere() {
        here.put("a", "1");
        String door = world.get(listening().listen("memory:door")).address();
        Sync dialling = both();
        assertThat(looked(dialling, door)).as("the first time").isTrue();
        assertThat(looked(dialling, door)).as("at once").isFalse();
        world.pass(PathMemory.FIRST_PAUSE.minus(LOOK.multipliedBy(2)));
        assertThat(looked(dialling, door)).as("before a minute").isFalse();
        world.pass(LOOK.multipliedBy(2));
        assertThat(looked(dialling, door)).as("after a minute").isTrue();
        world.pass(PathMemory.FIRST_PAUSE);
        assertThat(looked(dialling, door)).as("a minute after the second time").isFalse();
        world.networks("work");
        assertThat(looked(dialling, door)).as("on another network").isTrue();
        assertThat(looked(dialling, door)).as("there, at once").isFalse();

        world.networks("home");
        Session session = world.get(dialling.dial(door));
        world.get(session.awaitEqual());
        assertThat(session.transport()).as("where there is one").isEqualTo("memory-signal");
        world.close(session);
        world.settle();
        session = world.get(dialling.dial(door));
        world.get(session.awaitEqual());
        assertThat(session.transport()).isEqualTo("memory-signal");
    }

    /** Dials where there is no path; whether that took the time to find out. The session stays where it is, and is closed. */
    private boolean looked(Sync dialling, String door) {
        world.network.faults().acceptDials();
        int before = links.size();
        opened.clear();
        CompletableFuture<Session> dialled = dialling.dial(door);
        world.until(() -> links.size() > before);
        world.network.faults().holdDials();
        world.settle();
        boolean waits = opened.isEmpty();
        if (waits) {
            world.pass(LOOK);
        }
        Session session = world.get(dialled);
        world.get(session.awaitEqual());
        assertThat(opened).containsExactly("memory", "memory");
        world.network.faults().acceptDials();
        world.close(session);
        world.settle();
        return waits;
    }

    @Test
    void aPathThatIsRefusedCostsNoTime() {
        here.put("a", "1");
        CompletableFuture<Session> dialled = dial();
        world.until(() -> links.size() == 1);
        world.network.faults().refuseDials(ErrorKind.UNREACHABLE);
        Session session = world.get(dialled);
        world.get(session.awaitEqual());
        assertThat(session.transport()).isEqualTo("memory");
        assertThat(links).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aTransportThatDoesNotOpenIsNoFailureOfTheSession(Side whose) {
        here.put("a", "1");
        Sync listening = whose == Side.LISTENER ? broken(here) : listening();
        Sync dialling = whose == Side.DIALER ? broken(there) : both();
        Session session = world.get(
                dialling.dial(world.get(listening.listen("memory:door")).address()));
        world.get(session.awaitEqual());
        assertThat(opened).containsExactly("memory", "memory");
    }

    @Test
    void aDirectChannelThatEndsBeforeTheVerdictIsNotTaken() {
        here.put("a", "1");
        Session session = world.get(dialUntilHeld(Side.DIALER));
        direct().cut();
        world.settle();
        first().release(Side.DIALER);
        world.settle();
        world.get(session.awaitEqual());
        assertThat(opened).containsExactly("memory", "memory");
        assertThat(closed).isEmpty();
    }

    @Test
    void aDirectChannelThatEndsBetweenTheVerdictsEndsTheSessionAtBothEnds() {
        Session session = world.get(dialUntilHeld(Side.LISTENER));
        assertThat(opened).as("the responder has said its verdict").containsExactly("memory-signal");
        direct().cut();
        world.settle();
        first().release(Side.LISTENER);
        world.settle();
        assertThat(closed).containsExactly("DISCONNECTED", "DISCONNECTED");
        assertThat(opened).containsExactly("memory-signal", "memory-signal");
        assertThatThrownBy(() -> world.get(session.closed())).isInstanceOf(SyncException.class);
    }

    /** The initiator closes the first channel as soon as it hears the verdict, which may be before the verdict's send is done. */
    @Test
    void aVerdictWhoseSendFailsMayHaveArrivedAndCounts() {
        here.put("a", "1");
        Sync listening = add(world.peer(here)
                .transport(new NamedProvider(world.network.provider(RELAYED), "memory") {
                    @Override
                    public Transport open(TransportContext context) {
                        return failingAfter(3, (DialingTransport) super.open(context));
                    }
                })
                .transport(world.network.signalling())
                .listener(listener));
        Session session =
                world.get(both().dial(world.get(listening.listen("memory:door")).address()));
        world.get(session.awaitEqual());
        assertThat(opened).containsExactly("memory-signal", "memory-signal");
        assertThat(closed).isEmpty();
    }

    /** A message of each accepted channel goes out, and its send fails. */
    private static DialingTransport failingAfter(int messages, DialingTransport real) {
        return new DialingTransport() {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return real.listen(address, channel -> acceptor.accept(failing(channel)));
            }

            private Channel failing(Channel channel) {
                AtomicInteger sent = new AtomicInteger();
                return (Channel) Proxy.newProxyInstance(
                        Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, arguments) -> {
                            Object result = method.invoke(channel, arguments);
                            return method.getName().equals("send") && sent.incrementAndGet() == messages
                                    ? CompletableFuture.failedFuture(
                                            new SyncException(ErrorKind.DISCONNECTED, "the peer has closed"))
                                    : result;
                        });
            }

            @Override
            public CompletionStage<Channel> dial(String address) {
                return real.dial(address);
            }

            @Override
            public void close() {
                real.close();
            }
        };
    }

    @Test
    void aFirstChannelThatEndsBetweenTheVerdictsEndsTheSessionAtBothEnds() {
        world.get(dialUntilHeld(Side.LISTENER));
        first().cut();
        world.settle();
        assertThat(closed).containsExactly("DISCONNECTED", "DISCONNECTED");
        assertThat(world.network.faults().links()).isEmpty();
    }

    @Test
    void aVerdictThatNeverComesEndsTheSession() {
        world.get(dialUntilHeld(Side.DIALER));
        world.pass(LOOK.multipliedBy(2));
        assertThat(closed).contains("TIMEOUT");
        first().release(Side.DIALER);
        world.settle();
        assertThat(closed).hasSize(2);
        assertThat(world.network.faults().links()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"DIALER, 0", "DIALER, 1", "DIALER, 2", "DIALER, 3", "LISTENER, 0", "LISTENER, 1", "LISTENER, 2"})
    void aFirstChannelThatBreaksAtAnyMessageEndsTheSessionAndTheNextOneWorks(Side whose, int messages) {
        here.put("a", "1");
        world.network.faults().onLink(link -> {
            links.add(link);
            if (links.size() == 1) {
                link.cutAfter(whose, messages);
            }
        });
        Endpoint door = world.get(listening().listen("memory:door"));
        Sync dialling = both();
        CompletableFuture<Session> broken = dialling.dial(door.address());
        world.settle();
        world.pass(Duration.ofMinutes(2));
        assertThat(broken).isDone();
        assertThat(world.network.faults().links()).isEmpty();
        assertThat(closed).doesNotContain("in order");
        Session again = world.get(dialling.dial(door.address()));
        world.get(again.awaitEqual());
        assertThat(again.transport()).isEqualTo("memory-signal");
    }

    @Test
    void aCloseMeanwhileDeliversWithoutWaitingForAPath() {
        there.put("mine", "has to arrive");
        Session session = world.get(dialWithoutPath());
        world.close(session);
        world.settle();
        assertThat(here.events()).isEqualTo(there.events()).hasSize(1);
        assertThat(closed).containsExactly("in order", "in order");
        assertThat(opened).containsExactly("memory", "memory");
    }

    @Test
    void aPeersCloseMeanwhileDeliversWithoutWaitingForAPath() {
        here.put("theirs", "has to arrive");
        world.get(dialWithoutPath());
        world.close(peers.get(0).sessions().get(0));
        world.settle();
        assertThat(there.events()).isEqualTo(here.events()).hasSize(1);
        assertThat(closed).containsExactly("in order", "in order");
    }

    @Test
    void anAbortMeanwhileEndsEverythingAtOnce() {
        Session session = world.get(dialWithoutPath());
        session.abort();
        world.settle();
        assertThat(closed).containsExactlyInAnyOrder("CANCELLED", "DISCONNECTED");
        assertThat(opened).hasSize(2);
        assertThat(world.network.faults().links()).isEmpty();
        world.network.faults().acceptDials();
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void aSyncThatIsClosedAbruptlyMeanwhileLeavesNothing(int which) {
        world.get(dialWithoutPath());
        world.closeAbruptly(peers.get(which));
        world.network.faults().acceptDials();
        world.pass(Duration.ofMinutes(2));
        assertThat(closed).hasSize(2);
        assertThat(world.network.faults().links()).isEmpty();
    }

    @Test
    void whatWasAskedOfASessionMeanwhileIsAnsweredAfterwards() {
        there.put("mine", "has to arrive");
        Session session = world.get(dialWithoutPath());
        CompletableFuture<Void> delivered = session.delivered();
        CompletableFuture<Void> backlog = session.backlog();
        CompletableFuture<Void> equal = session.awaitEqual();
        world.settle();
        assertThat(delivered).isNotDone();
        world.pass(LOOK);
        world.get(delivered);
        world.get(backlog);
        world.get(equal);
    }

    @Test
    void aGrantThatIsRevokedMeanwhileEndsTheSessionAtOnce() {
        here.put("secret", "not for everybody any more");
        Grants grants = Grants.inMemory();
        Grant grant = Grant.of("guest", Rights.READ_WRITE, new Random(1));
        grants.add(grant);
        Endpoint door = world.get(listening().listen("memory:door", grants));
        CompletableFuture<Session> dialled = both().dial(door.address(), grant.secret());
        world.until(() -> links.size() == 1);
        world.network.faults().holdDials();
        Session session = world.get(dialled);
        world.settle();
        grants.revoke("guest");
        world.settle();
        assertThat(closed).containsExactly("AUTHENTICATION", "AUTHENTICATION");
        assertThatThrownBy(() -> world.get(session.closed())).hasMessageContaining("was revoked");
        assertThat(there.events()).isEmpty();
        world.network.faults().acceptDials();
        world.pass(Duration.ofSeconds(1)); // who looks at grants looks once more
    }

    @Test
    void nobodyIsTurnedAwayForWantOfAPlace() {
        here.put("a", "1");
        Endpoint door = world.get(listening().listen("memory:door"));
        List<CompletableFuture<Session>> dialled = new ArrayList<>();
        int callers = 40;
        for (int i = 0; i < callers; i++) {
            dialled.add(add(world.peer(new TestReplica())
                            .transport(world.network.provider(RELAYED))
                            .transport(world.network.signalling())
                            .listener(listener))
                    .dial(door.address()));
        }
        world.until(() -> links.size() == callers);
        world.network.faults().holdDials();
        world.settle();
        assertThat(opened).as("those without a place, both ends").hasSize(2 * (callers - 32));
        world.network.faults().acceptDials();
        for (CompletableFuture<Session> each : dialled) {
            world.get(world.get(each).awaitEqual());
        }
        assertThat(opened.stream().filter("memory-signal"::equals).count()).isEqualTo(2 * 32);
        assertThat(opened).hasSize(2 * callers);
    }

    @Test
    void whateverIsDelayedOrBreaksBothEndsComeToTheSame() {
        long start = new Random().nextLong();
        for (int i = 0; i < 60; i++) {
            long seed = start + i;
            try {
                oneOf(new Random(seed));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** Delays of up to twice the time that is looked, and sometimes a cut. */
    private static void oneOf(Random random) {
        World world = new World(random.nextLong());
        List<String> opened = new ArrayList<>();
        List<String> closed = new ArrayList<>();
        world.network.faults().onLink(link -> {
            for (Side side : Side.values()) {
                long most = LOOK.toNanos() >> random.nextInt(12);
                link.delay(side, () -> Duration.ofNanos(random.nextLong(most)));
            }
            if (random.nextInt(3) == 0) {
                link.cutAfter(random.nextBoolean() ? Side.DIALER : Side.LISTENER, random.nextInt(8));
            }
        });
        SyncListener listener = new SyncListener() {
            @Override
            public void sessionOpened(Session session) {
                opened.add(session.transport());
            }

            @Override
            public void sessionClosed(Session session, SyncException failure) {
                closed.add(session.transport());
            }
        };
        TestReplica left = new TestReplica();
        TestReplica right = new TestReplica();
        left.put("a", "1");
        right.put("b", "2");
        Sync listening = world.peer(left)
                .transport(world.network.provider(RELAYED))
                .transport(world.network.signalling())
                .listener(listener)
                .build();
        Sync dialling = world.peer(right)
                .transport(world.network.provider(RELAYED))
                .transport(world.network.signalling())
                .listener(listener)
                .build();
        CompletableFuture<Session> dialled =
                dialling.dial(world.get(listening.listen("memory:door")).address());
        world.pass(Duration.ofMinutes(3));
        if (closed.isEmpty() && !dialled.isCompletedExceptionally()) {
            assertThat(opened).hasSize(2);
            assertThat(opened.get(0)).isEqualTo(opened.get(1));
            assertThat(left.events()).isEqualTo(right.events()).hasSize(2);
            assertThat(world.network.faults().links()).hasSize(1);
        } else {
            assertThat(closed.size()).as("both ends, or none").isEqualTo(opened.size());
            assertThat(world.network.faults().links()).isEmpty();
        }
        world.close(dialling);
        world.close(listening);
        world.pass(Duration.ofMinutes(3));
        assertThat(world.network.faults().links()).isEmpty();
        assertThat(world.timers()).isZero();
    }

    private MemoryLink first() {
        return links.get(0);
    }

    private MemoryLink direct() {
        return links.get(1);
    }

    private Sync add(Sync.Builder builder) {
        Sync sync = builder.build();
        peers.add(sync);
        return sync;
    }

    private Sync.Builder peer(TestReplica replica, MemoryConfiguration wire) {
        return world.peer(replica)
                .transport(world.network.provider(wire))
                .transport(world.network.signalling())
                .listener(listener);
    }

    private Sync listening() {
        return add(peer(here, RELAYED));
    }

    private Sync both() {
        return add(peer(there, RELAYED));
    }

    private CompletableFuture<Session> dial() {
        Endpoint door = world.get(listening().listen("memory:door"));
        return both().dial(door.address());
    }

    /** Until the first channel is there, with no path beside it. */
    private CompletableFuture<Session> dialWithoutPath() {
        CompletableFuture<Session> dialled = dial();
        world.until(() -> links.size() == 1);
        world.network.faults().holdDials();
        world.settle();
        return dialled;
    }

    /** Until the direct channel is there and the verdict of one side is on its way, where it stays. */
    private CompletableFuture<Session> dialUntilHeld(Side side) {
        CompletableFuture<Session> dialled = dial();
        int before = side == Side.DIALER ? 3 : 2;
        world.until(() -> links.size() > 0 && first().sent(side) == before);
        first().hold(side);
        world.settle();
        assertThat(links).hasSize(2);
        return dialled;
    }

    /** Both transports, of which the one for direct channels does not open. */
    private Sync broken(TestReplica replica) {
        return add(world.peer(replica)
                .transport(world.network.provider(RELAYED))
                .transport(new NamedProvider(world.network.signalling(), "memory-signal") {
                    @Override
                    public Transport open(TransportContext context) {
                        throw new SyncException(ErrorKind.CONFIGURATION, "a library is missing");
                    }
                })
                .listener(listener));
    }

    /** A transport under another name. */
    private static class NamedProvider implements TransportProvider {
        private final TransportProvider real;
        private final String id;

        NamedProvider(TransportProvider real, String id) {
            this.real = real;
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public Set<String> schemes() {
            return real.schemes();
        }

        @Override
        public Set<TransportFeature> features() {
            return real.features();
        }

        @Override
        public Transport open(TransportContext context) {
            return real.open(context);
        }
    }
}
