package dev.livesync.core.connect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.OpenAnswer;
import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A future is its caller's own: whatever is done to it concerns neither another caller nor the inside. */
class FuturesTest {
    enum Meddling {
        CANCEL(future -> future.cancel(true)),
        COMPLETE(future -> future.complete(null)),
        TIME_OUT(future -> future.completeExceptionally(new TimeoutException())),
        OBTRUDE(future -> future.obtrudeValue(null));

        @SuppressWarnings("ImmutableEnumChecker") // lambdas that hold nothing
        final Consumer<CompletableFuture<?>> act;

        Meddling(Consumer<CompletableFuture<?>> act) {
            this.act = act;
        }
    }

    private final World world = new World(11);
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();
    private final Sync left = world.dialling(here);
    private final Sync right = world.dialling(there);

    @AfterEach
    void close() {
        world.close(right);
        world.close(left);
        assertThat(world.timers()).as("timers").isZero();
        assertThat(world.network.faults().links()).as("links").isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void ofASessionThatIsToCome(Meddling meddling) {
        OpenOffer offer = world.get(left.openOffer());
        OpenAnswer answer = world.get(right.openAnswer(offer.text()));
        CompletableFuture<Session> mine = answer.session();
        meddling.act.accept(answer.session());
        world.settle();
        assertThat(mine).as("another caller's").isNotDone();

        world.get(offer.connect(answer.text()));
        assertThat(world.get(mine)).isNotNull().isSameAs(world.get(answer.session()));
    }

    @ParameterizedTest
    @EnumSource
    void ofASession(Meddling meddling) {
        Session session = session();
        there.put("bob", "1");
        for (CompletableFuture<Void> one : asked(session)) {
            meddling.act.accept(one);
        }
        List<CompletableFuture<Void>> others = asked(session);
        world.settle();
        assertThat(others.subList(0, 3)).allSatisfy(f -> assertThat(f).isCompletedWithValue(null));
        assertThat(others.get(3)).as("closed").isNotDone();
        world.close(session);
        world.settle();
        assertThat(others.get(3)).isCompletedWithValue(null);
    }

    private static List<CompletableFuture<Void>> asked(Session session) {
        return List.of(session.backlog(), session.awaitEqual(), session.delivered(), session.closed());
    }

    /** Whoever ends the future of an undertaking gives it up: nothing of it stays open. */
    @ParameterizedTest
    @EnumSource
    void ofAnUndertaking(Meddling meddling) {
        String address = world.get(left.listen("memory:")).address();
        for (int steps = 0; steps < 30; steps++) {
            CompletableFuture<Session> dialling = right.dial(address);
            for (int i = 0; i < steps; i++) {
                world.step();
            }
            boolean late = dialling.isDone();
            meddling.act.accept(dialling);
            world.settle();
            assertThat(right.sessions()).as("after %d steps", steps).hasSize(late ? 1 : 0);
            right.sessions().forEach(Session::abort);
            world.settle();
        }
    }

    @Test
    void whoGivesUpWaitingForASessionIsForgotten() {
        OpenAnswer answer = world.get(right.openAnswer(world.get(left.offer())));
        List<WeakReference<Object>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Session> future = answer.session();
            assertThat(future).isNotDone();
            waiting.add(new WeakReference<>(future));
            future.cancel(false);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            System.gc();
            assertThat(waiting).allMatch(reference -> reference.get() == null);
        });
        answer.close();
        world.settle();
    }

    private Session session() {
        return world.get(right.dial(world.get(left.listen("memory:")).address()));
    }
}
