package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The last write before a close, and what {@code equal} says right after a write. */
class DeliveryTest {
    private World world;
    private TestReplica here;
    private TestReplica there;
    private Sync left;
    private Sync right;

    /** Who closes, in which order. */
    enum Order {
        WRITER,
        OTHER,
        WRITER_THEN_OTHER,
        OTHER_THEN_WRITER
    }

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenBeforeACloseArrives(Order order) {
        for (int seed = 0; seed < 60; seed++) {
            Session session = meet(seed);
            Session other = left.sessions().get(0);
            world.get(session.backlog());
            world.get(other.backlog());
            for (int i = 0; i < seed % 5; i++) {
                world.step();
            }
            there.put("bob", "1");
            here.put("carol", "2");
            List<Session> closing =
                    switch (order) {
                        case WRITER -> List.of(session);
                        case OTHER -> List.of(other);
                        case WRITER_THEN_OTHER -> List.of(session, other);
                        case OTHER_THEN_WRITER -> List.of(other, session);
                    };
            closing.forEach(Session::close);
            world.get(session.closed());
            world.get(other.closed());
            assertThat(here.heads()).as("seed %d", seed).isEqualTo(there.heads());
            assertThat(here.events()).as("seed %d", seed).isEqualTo(there.events());
            end();
        }
    }

    /** A close in the middle of the first exchange, after however many steps since both sessions are there. */
    @ParameterizedTest
    @EnumSource
    void aCloseInTheFirstExchangeLosesNothing(Order order) {
        for (int steps = 0; steps < 60; steps++) {
            Session session = meet(steps);
            Session other = left.sessions().get(0);
            for (int i = 0; i < steps; i++) {
                world.step();
            }
            there.put("bob", "1");
            here.put("carol", "2");
            List<Session> closing = order == Order.WRITER
                    ? List.of(session)
                    : order == Order.OTHER ? List.of(other) : List.of(session, other);
            closing.forEach(Session::close);
            world.get(session.closed());
            world.get(other.closed());
            assertThat(here.events()).as("%d steps", steps).isEqualTo(there.events());
            end();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void equalIsAboutTheClockOfNow(boolean mine) {
        for (int seed = 0; seed < 60; seed++) {
            Session session = meet(seed);
            world.get(session.awaitEqual());
            world.settle();
            assertThat(session.equal()).isTrue();
            there.put("bob", "1");
            assertThat(session.equal()).as("right after a put, seed %d", seed).isFalse();
            for (int i = 0; i < seed % 7; i++) {
                world.step();
            }
            if (mine) {
                there.put("dave", "2");
            }
            CompletableFuture<Void> equal = session.awaitEqual().toCompletableFuture();
            List<?> clock = there.heads();
            world.until(equal::isDone);
            assertThat(equal).as("seed %d", seed).isCompleted();
            assertThat(here.heads()).as("seed %d", seed).isEqualTo(clock);
            end();
        }
    }

    private Session meet(long seed) {
        world = new World(seed);
        here = new TestReplica();
        there = new TestReplica();
        here.put("alice", "0");
        left = world.dialling(here);
        right = world.dialling(there);
        Session session = world.get(right.dial(world.get(left.listen("memory:")).address()));
        world.until(() -> !left.sessions().isEmpty());
        return session;
    }

    private void end() {
        world.close(right);
        world.close(left);
        assertThat(world.network.faults().links()).as("open channels, seed %d", world.seed).isEmpty();
        assertThat(world.timers()).as("timers, seed %d", world.seed).isZero();
    }
}
