package dev.livesync.core.connect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.OpenAnswer;
import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.session.Agreement;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.ScriptedPeer;
import dev.livesync.core.session.SessionTest;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every stage completes on the executor, whatever decides it: what is attached to one may be slow, and a timer must not be. */
class StagesTest {
    enum Shape {
        DIALLING,
        SIGNALLING
    }

    /** What comes of it. */
    enum Outcome {
        SUCCESS,
        /** Nobody answers until every deadline has passed. */
        TOO_LATE,
        /** The {@code Sync} is closed meanwhile, by a thread of the caller's. */
        CLOSED
    }

    private final World world = new World(7);
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();
    private final List<Sync> peers = new ArrayList<>();
    private final Map<String, Boolean> onExecutor = new LinkedHashMap<>();
    private final List<CompletableFuture<?>> watched = new ArrayList<>();

    @AfterEach
    void nothingIsLeftOpen() {
        peers.forEach(world::close);
        assertThat(world.timers()).as("timers").isZero();
    }

    private <T> CompletableFuture<T> watch(String name, CompletableFuture<T> stage) {
        watched.add(stage);
        boolean[] returned = {false};
        var unused = stage.whenComplete((value, failure) -> {
            if (returned[0]) {
                onExecutor.put(name, world.isOnExecutor());
            }
        });
        returned[0] = true;
        return stage;
    }

    private void watchOnly(String name, CompletableFuture<?> stage) {
        var unused = watch(name, stage);
    }

    @ParameterizedTest
    @EnumSource
    void stagesOfASessionThatIsOnItsWay(Outcome outcome) {
        for (Shape shape : Shape.values()) {
            here.put("a" + shape, "1");
            Sync a = peer(shape, here);
            Sync b = peer(shape, there);
            OpenOffer proposal = world.get(watch(shape + " openOffer", a.openOffer(id(shape))));
            OpenAnswer acceptance = world.get(watch(shape + " openAnswer", b.openAnswer(proposal.text())));
            watchOnly(shape + " backlog of a pending session", b.backlog());
            CompletableFuture<Session> session = watch(shape + " session", acceptance.session());
            if (outcome == Outcome.SUCCESS) {
                Session mine = world.get(watch(shape + " connect", proposal.connect(acceptance.text())));
                watchOnly(shape + " session backlog", mine.backlog());
                watchOnly(shape + " equal", mine.awaitEqual());
                watchOnly(shape + " closed", mine.closed());
                world.settle();
                world.close(world.get(session));
            } else if (outcome == Outcome.CLOSED) {
                b.close();
            }
            world.pass(Duration.ofHours(1));
        }
        assertThat(watched).allMatch(stage -> stage.isDone());
        assertThat(onExecutor).hasSizeGreaterThan(6).doesNotContainValue(false);
    }

    @ParameterizedTest
    @EnumSource
    void stagesOfASessionThatEnds(SessionTest.Ending ending) {
        here.put("a", "1");
        Sync a = peer(Shape.DIALLING, here);
        Sync b = peer(Shape.DIALLING, there);
        Endpoint endpoint = world.get(watch("listen", a.listen("memory:")));
        Session session = world.get(watch("dial", b.dial(endpoint.address())));
        world.settle();
        world.network.faults().links().forEach(link -> link.silence());
        there.put("b", "2");
        watchOnly("backlog", b.backlog());
        watchOnly("equal", session.awaitEqual());
        watchOnly("closed", session.closed());
        switch (ending) {
            case SESSION_CLOSE -> world.close(session);
            case SESSION_ABORT -> session.abort();
            case SYNC_CLOSE -> b.close();
            case CUT -> world.network.faults().cutAll();
            case DATABASE_CLOSE -> there.close();
        }
        world.pass(Duration.ofMinutes(5));
        assertThat(watched).allMatch(stage -> stage.isDone());
        assertThat(onExecutor).containsKey("closed").doesNotContainValue(false);
    }

    @Test
    void nobodyAnswersADial() {
        ScriptedPeer mute = ScriptedPeer.listen(world, "memory:mute");
        Sync b = peer(Shape.DIALLING, there);
        watchOnly("dial", b.dial("memory:mute#" + "x".repeat(43)));
        watchOnly("backlog", b.backlog());
        world.settle();
        watchOnly("backlog of the dial", b.backlog());
        world.pass(Duration.ofMinutes(5));
        assertThat(onExecutor).containsOnlyKeys("dial", "backlog of the dial").doesNotContainValue(false);
        mute.close();
        world.settle();
    }

    /** A listener may be slow for a moment, which is no reason to stop a transport's loop or the timers. */
    @Test
    void listenersAreCalledOnTheExecutor() {
        List<String> elsewhere = new ArrayList<>();
        SyncListener listener = new SyncListener() {
            private void heard(String what) {
                if (!world.isOnExecutor()) {
                    elsewhere.add(what);
                }
            }

            @Override
            public void sessionOpened(Session session) {
                heard("opened");
            }

            @Override
            public void received(Session session, Message.Kind kind, int bytes) {
                heard("received");
            }

            @Override
            public void sessionClosed(Session session, SyncException failure) {
                heard("closed");
            }

            @Override
            public void refused(String remote, SyncException why) {
                heard("refused");
            }
        };
        Sync a = world.peer(here)
                .transport(world.network.provider())
                .listener(listener)
                .build();
        peers.add(a);
        Endpoint endpoint = world.get(a.listen("memory:"));
        ConnectionGate door = new ConnectionGate(
                new SyncContext(
                        here,
                        new SyncContext.Environment(
                                world.context().executor(),
                                world.scheduler(),
                                world.nanos(),
                                java.time.InstantSource.system(),
                                new java.util.Random(1),
                                new dev.livesync.core.seal.CipherWarmUp(0)),
                        dev.livesync.SyncLimits.defaults(),
                        dev.livesync.Tuned.unproved(1),
                        dev.livesync.AddressPolicy.standard(),
                        "",
                        java.util.Set.of(dev.livesync.core.message.Feature.values()),
                        null,
                        List.of(listener)),
                "memory",
                new ConnectionGate.CallHandler() {
                    @Override
                    public void called(HandshakeRunner runner) {
                        runner.answer(List::of, name -> false);
                    }

                    @Override
                    public void proved(HandshakeRunner runner, Agreement agreement) {}
                });
        ScriptedPeer asking = ScriptedPeer.listen(world, "memory:ask");
        List<ScriptedPeer> callers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            callers.add(ScriptedPeer.dial(world, "memory:ask"));
        }
        callers.forEach(caller -> door.accept(caller.channel));
        Session session = world.get(peer(Shape.DIALLING, there).dial(endpoint.address()));
        world.close(session);
        world.pass(Duration.ofMinutes(1));
        assertThat(elsewhere).isEmpty();
        door.close(SyncFailures.closed());
        callers.forEach(ScriptedPeer::close);
        asking.close();
        world.settle();
    }

    private Sync peer(Shape shape, TestReplica replica) {
        Sync sync = shape == Shape.DIALLING ? world.dialling(replica) : world.signalling(replica);
        peers.add(sync);
        return sync;
    }

    private static String id(Shape shape) {
        return shape == Shape.DIALLING ? "memory" : "memory-signal";
    }
}
