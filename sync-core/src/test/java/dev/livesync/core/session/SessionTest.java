package dev.livesync.core.session;

import static dev.livesync.core.session.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.SessionStatistics;
import dev.livesync.SessionStatus;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.transport.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How sessions end, and what that does to others. */
public class SessionTest {
    private World world = new World(4);
    private TestReplica here = new TestReplica();
    private TestReplica there = new TestReplica();
    private final List<Sync> peers = new ArrayList<>();
    private Sync left;
    private Sync right;

    @AfterEach
    void nothingIsLeftOpen() {
        end();
    }

    private void end() {
        peers.forEach(world::close);
        peers.clear();
        assertThat(world.network.faults().links())
                .as("open channels, seed %d", world.seed)
                .isEmpty();
        assertThat(world.timers()).as("timers, seed %d", world.seed).isZero();
        assertThat(here.subscribers() + there.subscribers()).as("subscriptions").isZero();
    }

    @Test
    void closedInOrderByEitherSide() {
        for (boolean mine : new boolean[] {true, false}) {
            Session session = meet();
            Session other = left.sessions().get(0);
            world.get(session.backlog());
            (mine ? session : other).close();
            (mine ? session : other).close();
            world.get(session.closed());
            world.get(other.closed());
            for (Session ended : List.of(session, other)) {
                assertThat(ended.status()).isEqualTo(SessionStatus.DESTROYED);
                assertThat(ended.equal()).isFalse();
                world.get(ended.backlog());
                refused(ErrorKind.CLOSED, () -> world.get(ended.awaitEqual()));
                ended.close();
                ended.abort();
            }
            assertThat(left.sessions()).isEmpty();
            assertThat(right.sessions()).isEmpty();
            world.get(right.backlog());
        }
    }

    @Test
    void abortEndsAtOnceAndTheOtherSideLearns() {
        fill(100);
        Session session = meet();
        Session other = left.sessions().get(0);
        session.abort();
        refused(ErrorKind.CANCELLED, () -> world.get(session.closed()));
        refused(ErrorKind.CANCELLED, () -> world.get(session.backlog()));
        refused(ErrorKind.DISCONNECTED, () -> world.get(other.closed()));
    }

    public enum Ending {
        SESSION_CLOSE,
        SESSION_ABORT,
        SYNC_CLOSE,
        CUT,
        DATABASE_CLOSE
    }

    /** Whatever happens after however many steps: both sides end, nothing is left, what was stored is whole. */
    @ParameterizedTest
    @EnumSource
    void endingAtAnyMomentLeavesNothing(Ending ending) {
        for (int steps = 0; steps < 120; steps += 3) {
            world = new World(steps);
            here = new TestReplica();
            there = new TestReplica();
            fill(60);
            left = add(world.dialling(here));
            right = add(world.dialling(there));
            Endpoint endpoint = world.get(left.listen("memory:"));
            CompletableFuture<Session> dialling = right.dial(endpoint.address());
            for (int i = 0; i < steps; i++) {
                world.step();
            }
            List<Session> seen = new ArrayList<>(left.sessions());
            seen.addAll(right.sessions());
            Sync one = right.sessions().isEmpty() ? left : right; // one side may have begun before the other
            switch (ending) {
                case SESSION_CLOSE -> one.sessions().forEach(world::close);
                case SESSION_ABORT -> one.sessions().forEach(Session::abort);
                case SYNC_CLOSE -> {
                    world.closeAbruptly(right);
                    seen.addAll(left.sessions());
                }
                case CUT -> world.network.faults().cutAll();
                case DATABASE_CLOSE -> there.close();
            }
            world.settle();
            world.pass(Duration.ofSeconds(15));
            for (Session session : seen) {
                assertThat(session.closed())
                        .as("%s after %d steps", session.status(), steps)
                        .isDone();
                assertThat(session.backlog()).isDone();
            }
            assertThat(dialling).as("after %d steps", steps).isDone();
            assertThat(here.events()).containsAll(there.events());
            end();
        }
    }

    @Test
    void aCommitThatFailsEndsThisSessionAndNoOther() {
        here.put("a", "1");
        Session sound = meet();
        world.get(sound.backlog());
        TestReplica full = new TestReplica();
        Sync third = add(world.dialling(full));
        Session failing = world.get(third.dial(world.get(left.listen("memory:")).address()));
        world.get(failing.backlog());
        full.breakDown(new SyncException(ErrorKind.STORAGE, "the disk is full"));
        here.put("a", "2");
        world.settle();
        refused(ErrorKind.STORAGE, () -> world.get(failing.closed()));
        assertThat(left.sessions()).hasSize(1);
        here.put("a", "3");
        world.settle();
        assertThat(there.heads()).isEqualTo(here.heads());
        assertThat(sound.closed()).isNotDone();
    }

    @Test
    void aDatabaseThatIsClosedUnderneathEndsItsSessions() {
        here.put("a", "1");
        Session session = meet();
        world.get(session.backlog());
        there.close();
        here.put("a", "2");
        world.settle();
        refused(ErrorKind.CLOSED, () -> world.get(session.closed()));
        assertThat(left.sessions()).isEmpty();
        // And none begins on it.
        CompletableFuture<Session> late =
                right.dial(world.get(left.listen("memory:")).address());
        Session dead = world.get(late);
        refused(ErrorKind.CLOSED, () -> world.get(dead.closed()));
        refused(ErrorKind.CLOSED, () -> world.get(dead.backlog()));
        assertThat(right.sessions()).isEmpty();
    }

    @Test
    void aDatabaseThatThrowsNonsenseEndsItsSessionAsInternal() {
        Session session = meet();
        world.get(session.backlog());
        there.breakDown(new SyncException(ErrorKind.INTERNAL, "replaced") {
            @Override
            public ErrorKind kind() {
                throw new IllegalStateException("nonsense");
            }
        });
        here.put("a", "1");
        world.settle();
        assertThat(session.closed()).isCompletedExceptionally();
        assertThat(right.sessions()).isEmpty();
        assertThat(left.sessions()).isEmpty();
    }

    @Test
    void aDocumentOverTheLimitIsAClearErrorOnBothSides() {
        here.put("big", "x".repeat(100_000));
        left = add(world.dialling(here));
        right = add(world.peer(there)
                .transport(world.network.provider())
                .limits(SyncLimits.builder().maxDocumentBytes(50_000).build())
                .build());
        Session session = world.get(right.dial(world.get(left.listen("memory:")).address()));
        world.until(() -> !left.sessions().isEmpty());
        Session other = left.sessions().get(0);
        assertThat(refused(ErrorKind.LIMIT_EXCEEDED, () -> world.get(session.closed())))
                .hasMessageContaining("50000");
        refused(ErrorKind.LIMIT_EXCEEDED, () -> world.get(other.closed()));
        refused(ErrorKind.LIMIT_EXCEEDED, () -> world.get(session.backlog()));
        assertThat(there.events()).isEmpty();
    }

    @Test
    void silenceEndsASession() {
        Session session = meet();
        world.get(session.backlog());
        world.pass(Duration.ofMinutes(10));
        assertThat(session.closed()).as("pings keep it alive").isNotDone();
        world.network.faults().links().forEach(link -> link.silence());
        world.pass(Duration.ofSeconds(59));
        assertThat(session.closed()).isNotDone();
        world.pass(Duration.ofSeconds(60));
        refused(ErrorKind.TIMEOUT, () -> world.get(session.closed()));
        assertThat(left.sessions()).isEmpty();
    }

    @Test
    void aPeerThatDoesNotReadCannotHoldUpAClose() {
        fill(2_000);
        Session session = meet();
        world.network
                .faults()
                .links()
                .forEach(link -> link.stopReading(dev.livesync.transport.memory.MemoryLink.Side.LISTENER));
        for (int i = 0; i < 2_000; i++) {
            there.put("other" + i, "x".repeat(2_000));
        }
        world.settle();
        world.close(session);
        world.pass(Duration.ofSeconds(10));
        assertThat(session.closed()).isDone();
        assertThat(session.status()).isEqualTo(SessionStatus.DESTROYED);
    }

    @Test
    void listenersHearEverythingInOrderAndOneThatThrowsHarmsNobody() {
        List<String> heard = new ArrayList<>();
        SyncListener recorder = new SyncListener() {
            @Override
            public void sessionOpened(Session session) {
                heard.add("opened");
            }

            @Override
            public void statusChanged(Session session, SessionStatus status) {
                heard.add("status " + status.label());
            }

            @Override
            public void statisticsChanged(Session session, SessionStatistics statistics) {
                heard.add("statistics");
            }

            @Override
            public void sent(Session session, Message.Kind kind, int bytes) {
                heard.add("sent");
            }

            @Override
            public void received(Session session, Message.Kind kind, int bytes) {
                heard.add("received");
            }

            @Override
            public void committed(Session session, CommitResult result) {
                heard.add("committed " + result.accepted().size());
            }

            @Override
            public void equalChanged(Session session, boolean equal) {
                heard.add("equal " + equal);
            }

            @Override
            public void sessionClosed(Session session, SyncException failure) {
                heard.add("closed " + failure);
            }
        };
        here.put("a", "1");
        there.put("b", "2");
        left = add(world.dialling(here));
        right = add(world.peer(there)
                .transport(world.network.provider())
                .listener(new Thrower())
                .listener(recorder)
                .build());
        Session session = world.get(right.dial(world.get(left.listen("memory:")).address()));
        world.get(session.backlog());
        world.get(session.awaitEqual());
        world.close(session);
        world.get(session.closed());
        assertThat(heard.get(0)).isEqualTo("opened");
        assertThat(heard.get(heard.size() - 1)).isEqualTo("closed null");
        assertThat(heard)
                .contains(
                        "status sending cid diff",
                        "status sending diff car",
                        "status parking car",
                        "statistics",
                        "sent",
                        "received",
                        "committed 1",
                        "equal true")
                .containsOnlyOnce("opened", "closed null");
        assertThat(session.statistics().messagesSent())
                .isEqualTo(heard.stream().filter("sent"::equals).count());
        assertThat(session.statistics().messagesReceived())
                .isEqualTo(heard.stream().filter("received"::equals).count());
    }

    @Test
    void aListenerMayCloseWhatItHearsOf() {
        List<Consumer<Session>> endings = List.of(world::close, Session::abort, s -> right.close());
        for (Consumer<Session> ending : endings) {
            left = add(world.dialling(here));
            right = add(world.peer(there)
                    .transport(world.network.provider())
                    .listener(new SyncListener() {
                        @Override
                        public void sessionOpened(Session session) {
                            ending.accept(session);
                        }
                    })
                    .build());
            CompletableFuture<Session> dialling =
                    right.dial(world.get(left.listen("memory:")).address());
            world.pass(Duration.ofSeconds(5));
            assertThat(dialling).isDone();
            assertThat(right.sessions()).isEmpty();
            assertThat(left.sessions()).isEmpty();
        }
    }

    @Test
    void anExecutorThatTakesNothingMoreEndsTheSession() {
        boolean[] shut = {false};
        left = add(world.dialling(here));
        right = add(world.peer(there)
                .transport(world.network.provider())
                .executor(task -> {
                    // Sessions have to cope; a transport was promised an executor that outlives it.
                    if (shut[0] && task.toString().contains("Mailbox")) {
                        throw new RejectedExecutionException("shut down");
                    }
                    world.context().executor().execute(task);
                })
                .build());
        Session session = world.get(right.dial(world.get(left.listen("memory:")).address()));
        world.get(session.backlog());
        shut[0] = true;
        there.put("a", "1");
        world.settle();
        refused(ErrorKind.CLOSED, () -> world.get(session.closed()));
        assertThat(right.sessions()).isEmpty();
        shut[0] = false;
        world.settle();
        assertThat(left.sessions()).isEmpty();
    }

    @Test
    void backlogNeedsASession() {
        right = add(world.dialling(there));
        assertThat(refused(ErrorKind.CONFIGURATION, () -> world.get(right.backlog())))
                .hasMessageContaining("connect, accept or dial first");
        assertThat(right.status()).hasToString("new");
    }

    @Test
    void waitersAreIndependent() {
        Session session = meet();
        CompletableFuture<Void> impatient = session.backlog();
        impatient.cancel(true);
        CompletableFuture<Void> closed = session.closed();
        closed.cancel(true);
        world.get(session.backlog());
        world.get(session.awaitEqual());
        assertThat(session.closed()).isNotDone();
    }

    @Test
    void theStatusIsThatOfTheSession() {
        here.put("a", "1");
        Session session = meet();
        world.get(session.backlog());
        world.settle();
        assertThat(left.sessions()).hasSize(1);
        assertThat(left.status()).isEqualTo(left.sessions().get(0).status());
        assertThat(left.status()).hasToString(left.sessions().get(0).status().label());
        world.close(session);
        world.settle();
        assertThat(right.status()).hasToString("destroyed");
    }

    private void fill(int documents) {
        for (int i = 0; i < documents; i++) {
            here.put("doc" + i, "x".repeat(1_000));
        }
    }

    /** A session of {@link #right}, which has dialled {@link #left}. */
    private Session meet() {
        left = add(world.dialling(here));
        right = add(world.dialling(there));
        Session session = world.get(right.dial(world.get(left.listen("memory:")).address()));
        world.until(() -> !left.sessions().isEmpty());
        return session;
    }

    private Sync add(Sync sync) {
        peers.add(sync);
        return sync;
    }

    /** Throws wherever it can. */
    private static final class Thrower implements SyncListener {
        @Override
        public void sessionOpened(Session session) {
            throw new IllegalStateException("opened");
        }

        @Override
        public void statusChanged(Session session, SessionStatus status) {
            throw new IllegalStateException("status");
        }

        @Override
        public void received(Session session, Message.Kind kind, int bytes) {
            throw new AssertionError("received");
        }

        @Override
        public void committed(Session session, CommitResult result) {
            throw new IllegalStateException("committed");
        }

        @Override
        public void sessionClosed(Session session, SyncException failure) {
            throw new IllegalStateException("closed");
        }
    }
}
