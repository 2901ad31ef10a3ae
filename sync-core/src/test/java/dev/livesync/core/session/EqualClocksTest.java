package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import dev.livesync.transport.memory.MemoryLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Peers whose clocks are equal know it from their handshake, and exchange no diffs. */
class EqualClocksTest {
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();

    private void bothPut(String id) {
        Cid one = here.put(id, "x");
        assertThat(there.put(id, "x")).isEqualTo(one);
    }

    @Test
    void nothingIsSaidBetweenEqualDatabases() {
        World world = new World(1);
        bothPut("a");
        Sync a = world.dialling(here);
        Sync b = world.dialling(there);
        Session session = world.get(b.dial(world.get(a.listen("memory:door")).address()));
        world.settle();
        assertThat(session.equal()).isTrue();
        assertThat(session.backlog()).isCompleted();
        assertThat(session.status()).isEqualTo(SessionStatus.FULL_SYNCED);
        for (Session each : List.of(session, a.sessions().get(0))) {
            assertThat(each.equal()).isTrue();
            assertThat(each.statistics().messagesSent()).isZero();
        }
        there.put("b", "y");
        world.get(session.delivered());
        assertThat(here.events()).isEqualTo(there.events()).hasSize(2);
        world.close(b);
        world.close(a);
    }

    @Test
    void whateverIsWrittenMeanwhileArrives() {
        long first = new Random().nextLong();
        for (long seed = first; seed < first + 200; seed++) {
            World world = new World(seed);
            TestReplica left = new TestReplica();
            TestReplica right = new TestReplica();
            left.put("a", "x");
            right.put("a", "x");
            Sync a = world.dialling(left);
            Sync b = world.dialling(right);
            Endpoint endpoint = world.get(a.listen("memory:door"));
            for (int i = 0; i < 3; i++) {
                String id = "more-" + i;
                TestReplica any = world.random.nextBoolean() ? left : right;
                late(world, 1 + world.random.nextInt(40), () -> any.put(id, "y"));
            }
            Session session = world.get(b.dial(endpoint.address()));
            world.settle();
            assertThat(left.events())
                    .as("seed %d", seed)
                    .isEqualTo(right.events())
                    .hasSize(4);
            world.pass(Duration.ofSeconds(1));
            assertThat(session.equal()).as("seed %d", seed).isTrue();
            assertThat(a.sessions().get(0).equal()).as("seed %d", seed).isTrue();
            world.close(b);
            world.close(a);
        }
    }

    /** After so many rounds of the executor, each of which takes its turn among the other tasks. */
    private static void late(World world, int rounds, Runnable task) {
        world.context().executor().execute(rounds == 0 ? task : () -> late(world, rounds - 1, task));
    }

    @Test
    void whoMayReadOnlyIsToldSoAllTheSame() {
        World world = new World(2);
        bothPut("a");
        Sync a = world.dialling(here);
        Sync b = world.dialling(there);
        Session session = granted(world, a, b, Rights.READ);
        assertThat(session.rights()).isEqualTo(Rights.READ);
        assertThat(session.equal()).isTrue();
        there.put("mine", "y");
        here.put("theirs", "z");
        world.settle();
        assertThat(here.events()).hasSize(2);
        assertThat(there.events()).hasSize(3);
        world.close(b);
        world.close(a);
    }

    @Test
    void whoMayNotReadGetsTheSameWhetherTheDatabasesAreEqualOrNot() {
        List<List<Integer>> seen = new ArrayList<>();
        for (boolean equal : new boolean[] {true, false}) {
            World world = new World(3);
            TestReplica hub = new TestReplica();
            TestReplica sensor = new TestReplica();
            sensor.put("a", "x");
            hub.put(equal ? "a" : "b", "x");
            List<Integer> fromHub = new ArrayList<>();
            world.network
                    .faults()
                    .onLink(link -> link.tap((side, message) -> {
                        if (side == MemoryLink.Side.LISTENER) {
                            fromHub.add(message.size());
                        }
                    }));
            Sync a = world.dialling(hub);
            Sync b = world.dialling(sensor);
            Session session = granted(world, a, b, Rights.WRITE);
            assertThat(session.equal()).isFalse();
            assertThat(hub.events()).containsAll(sensor.events());
            seen.add(fromHub);
            world.close(b);
            world.close(a);
        }
        assertThat(seen.get(0)).isNotEmpty().isEqualTo(seen.get(1));
    }

    private static Session granted(World world, Sync listener, Sync dialler, Rights rights) {
        Grants grants = Grants.inMemory();
        Grant grant = Grant.of("somebody", rights, new Random(1));
        grants.add(grant);
        Endpoint endpoint = world.get(listener.listen("memory:", grants));
        Session session = world.get(dialler.dial(endpoint.publicAddress(), grant.secret()));
        world.settle();
        return session;
    }
}
