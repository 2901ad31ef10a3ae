package dev.livesync.core.session;

import static dev.livesync.core.session.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.transport.memory.MemoryLink;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
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
            List<Session> closing = switch (order) {
                case WRITER -> List.of(session);
                case OTHER -> List.of(other);
                case WRITER_THEN_OTHER -> List.of(session, other);
                case OTHER_THEN_WRITER -> List.of(other, session);
            };
            closing.forEach(world::close);
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
            closing.forEach(world::close);
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
            CompletableFuture<Void> equal = session.awaitEqual();
            List<?> clock = there.heads();
            world.until(equal::isDone);
            assertThat(equal).as("seed %d", seed).isCompleted();
            assertThat(here.heads()).as("seed %d", seed).isEqualTo(clock);
            end();
        }
    }

    /** At any moment of the first exchange or after it, and however busily somebody goes on writing. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void deliveredMeansThatThePeerHasWhatWasHereAtTheCall(boolean goOn) {
        for (int seed = 0; seed < 100; seed++) {
            Session session = meet(seed);
            for (int i = 0; i < seed; i++) {
                world.step();
            }
            there.put("bob", "1");
            here.put("carol", "2");
            Set<Cid> written = there.events();
            CompletableFuture<Void> delivered = session.delivered();
            int[] writes = {0};
            world.until(() -> {
                if (goOn) {
                    there.put("dave", "3" + writes[0]++);
                }
                return delivered.isDone();
            });
            assertThat(delivered).as("seed %d", seed).isCompleted();
            assertThat(here.events()).as("seed %d", seed).containsAll(written);
            end();
        }
    }

    @Test
    void deliveredOfNothingAndOfWhatIsNotHere() {
        Session session = meet(1);
        world.get(session.delivered(List.of()));
        Cid mine = there.put("bob", "1");
        world.get(session.delivered(List.of(mine)));
        world.get(session.delivered(List.of(mine)));
        assertThat(here.events()).contains(mine);
        Cid absent = Cid.parse("bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy");
        assertThat(refused(ErrorKind.NOT_FOUND, () -> world.get(session.delivered(List.of(mine, absent)))))
                .hasMessageContaining(absent.toString());
        world.close(session);
        world.get(session.closed());
        refused(ErrorKind.CLOSED, () -> world.get(session.delivered()));
        there.close();
        refused(ErrorKind.CLOSED, () -> world.get(session.delivered()));
        end();
    }

    /** Somebody who never stops writing is no reason to wait for ever. */
    @Test
    void aBusyWriterKeepsNobodyWaiting() {
        Session session = meet(5);
        world.get(session.awaitEqual());
        for (int i = 0; i < 20; i++) {
            Cid mine = there.put("bob", "v" + i);
            CompletableFuture<Void> delivered = session.delivered();
            CompletableFuture<Void> before = session.delivered(List.of(mine));
            int[] writes = {0};
            world.until(() -> {
                there.put("dave", "w" + writes[0]++);
                return delivered.isDone() && before.isDone();
            });
            assertThat(here.events()).contains(mine);
            assertThat(writes[0]).isLessThan(1_000);
        }
        end();
    }

    @Test
    void aPeerThatIsGoneHoldsUpNobodyAndWhatItLacksIsSaid() {
        Session session = meet(9);
        world.get(session.awaitEqual());
        world.network.faults().links().forEach(MemoryLink::silence);
        Cid last = there.put("bob", "1");
        CompletableFuture<Void> delivered = session.delivered();
        world.close(session);
        world.pass(Duration.ofSeconds(1));
        assertThat(refused(ErrorKind.TIMEOUT, () -> world.get(session.closed())))
                .hasMessageContaining(last.toString())
                .hasMessageContaining("is not known to have all that was written here");
        refused(ErrorKind.TIMEOUT, () -> world.get(delivered));
        end();
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
        assertThat(world.network.faults().links())
                .as("open channels, seed %d", world.seed)
                .isEmpty();
        assertThat(world.timers()).as("timers, seed %d", world.seed).isZero();
    }
}
