package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryFaults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that edit, meet and part end with the same events, whatever the order in which anything happens. */
class ConvergenceTest {
    private final List<Sync> peers = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void emptyMeetsFull(boolean fullListens) {
        for (long seed = 0; seed < 20; seed++) {
            World world = new World(seed);
            TestReplica full = new TestReplica();
            TestReplica empty = new TestReplica();
            for (int i = 0; i < 50; i++) {
                full.put("doc" + i, "text" + i);
            }
            Session session = meet(world, fullListens ? full : empty, fullListens ? empty : full);
            world.get(session.backlog());
            assertThat(empty.events()).as("seed %d", seed).hasSize(50).isEqualTo(full.events());
            world.settle();
            assertThat(session.equal()).as("seed %d", seed).isTrue();
            part(world);
        }
    }

    @Test
    void bothDivergedWithConcurrentEditsAndDeletes() {
        for (long seed = 0; seed < 50; seed++) {
            World world = new World(seed);
            SplittableRandom random = new SplittableRandom(seed);
            TestReplica a = new TestReplica();
            TestReplica b = new TestReplica();
            for (int round = 0; round < 3; round++) {
                edit(a, random, "a" + round);
                edit(b, random, "b" + round);
                Session session = meet(world, a, b);
                world.get(session.awaitEqual());
                world.settle();
                assertThat(a.heads()).as("seed %d", seed).isEqualTo(b.heads());
                assertThat(a.events()).as("seed %d", seed).isEqualTo(b.events());
                part(world);
            }
        }
    }

    @Test
    void liveBothWaysAtOnce() {
        for (long seed = 0; seed < 50; seed++) {
            World world = new World(seed);
            SplittableRandom random = new SplittableRandom(seed);
            TestReplica a = new TestReplica();
            TestReplica b = new TestReplica();
            Session session = meet(world, a, b);
            for (int i = 0; i < 30; i++) {
                (random.nextBoolean() ? a : b).put("doc" + random.nextInt(5), "text" + i);
                for (int steps = random.nextInt(20); steps > 0; steps--) {
                    world.step();
                }
            }
            world.settle();
            assertThat(a.heads()).as("seed %d", seed).isEqualTo(b.heads());
            world.get(session.awaitEqual());
            assertThat(session.equal()).as("seed %d", seed).isTrue();
            part(world);
        }
    }

    @Test
    void theOneInTheMiddleRelaysLive() {
        for (long seed = 0; seed < 20; seed++) {
            World world = new World(seed);
            TestReplica a = new TestReplica();
            TestReplica b = new TestReplica();
            TestReplica c = new TestReplica();
            a.put("a", "before");
            c.put("c", "before");
            meet(world, b, a);
            meet(world, b, c);
            world.settle();
            a.put("a", "live");
            world.settle();
            c.delete("c");
            b.put("b", "live");
            world.settle();
            assertThat(a.events())
                    .as("seed %d", seed)
                    .hasSize(5)
                    .isEqualTo(b.events())
                    .isEqualTo(c.events());
            assertThat(a.heads()).as("seed %d", seed).isEqualTo(c.heads());
            part(world);
        }
    }

    @Test
    void manySessionsOnOneDatabase() {
        World world = new World(11);
        TestReplica hub = new TestReplica();
        Sync center = track(world.dialling(hub));
        Endpoint endpoint = world.get(center.listen("memory:hub"));
        List<TestReplica> leaves = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            TestReplica leaf = new TestReplica();
            leaf.put("leaf" + i, "text");
            leaves.add(leaf);
            world.get(track(world.dialling(leaf)).dial(endpoint.address()));
        }
        world.settle();
        assertThat(center.sessions()).hasSize(40);
        assertThat(hub.events()).hasSize(40);
        hub.put("merged", "text");
        world.settle();
        for (TestReplica leaf : leaves) {
            assertThat(leaf.heads()).isEqualTo(hub.heads());
        }
        part(world);
    }

    @Test
    void twoSessionsWithTheSamePeerDoNoHarm() {
        World world = new World(12);
        TestReplica a = new TestReplica();
        TestReplica b = new TestReplica();
        a.put("x", "1");
        Sync first = track(world.dialling(a));
        Sync second = track(world.dialling(b));
        Endpoint endpoint = world.get(first.listen("memory:twice"));
        Session one = world.get(second.dial(endpoint.address()));
        Session two = world.get(second.dial(endpoint.address()));
        assertThat(one.id()).isNotEqualTo(two.id());
        world.get(one.backlog());
        world.get(two.backlog());
        b.put("y", "2");
        a.put("z", "3");
        world.settle();
        assertThat(a.heads()).isEqualTo(b.heads());
        world.close(one);
        world.settle();
        a.put("z", "4");
        world.settle();
        assertThat(a.heads()).isEqualTo(b.heads());
        assertThat(second.sessions()).containsExactly(two);
        part(world);
    }

    @Test
    void whoeverDialsHimselfIsInSyncAtOnce() {
        World world = new World(14);
        TestReplica a = new TestReplica();
        a.put("x", "1");
        Sync sync = track(world.dialling(a));
        Session session =
                world.get(sync.dial(world.get(sync.listen("memory:self")).address()));
        world.get(session.backlog());
        world.get(session.awaitEqual());
        world.settle(); // the end that listens knows when the confirmation has come
        assertThat(sync.sessions()).hasSize(2);
        a.put("x", "2");
        world.settle();
        assertThat(session.equal()).isTrue();
        assertThat(a.events()).hasSize(2);
        assertThat(session.statistics().eventsCommitted()).isZero();
        part(world);
    }

    @Test
    void aTransportWithoutBackpressureAndWithSmallMessagesCarriesMuch() {
        World world = new World(13);
        TestReplica a = new TestReplica();
        TestReplica b = new TestReplica();
        String text = "x".repeat(30_000);
        for (int i = 0; i < 300; i++) {
            a.put("doc" + i, text + i);
        }
        MemoryConfiguration wire = MemoryConfiguration.withoutBackpressure().toBuilder()
                .maxMessageBytes(2_000)
                .build();
        Sync left = track(world.peer(a).transport(world.network.provider(wire)).build());
        Sync right = track(world.peer(b).transport(world.network.provider(wire)).build());
        Session session =
                world.get(right.dial(world.get(left.listen("memory:narrow")).address()));
        world.get(session.backlog());
        assertThat(b.events()).hasSize(300).isEqualTo(a.events());
        assertThat(session.statistics().bytesReceived()).isGreaterThan(300 * 30_000L);
        assertThat(session.statistics().eventsReceived()).isEqualTo(300);
        assertThat(session.statistics().eventsCommitted()).isEqualTo(300);
        part(world);
    }

    /** Connections that break at random points: each goes on where the one before stopped, until nothing is missing. */
    @Test
    void brokenTransfersGoOn() {
        for (long seed = 0; seed < 30; seed++) {
            interrupted(seed, 200);
        }
    }

    @Test
    @Tag("soak")
    void brokenTransfersGoOnForLong() {
        for (long seed = 1_000; seed < 3_000; seed++) {
            interrupted(seed, 500);
        }
    }

    private void interrupted(long seed, int documents) {
        World world = new World(seed);
        SplittableRandom random = new SplittableRandom(seed);
        TestReplica a = new TestReplica();
        TestReplica b = new TestReplica();
        for (int i = 0; i < documents; i++) {
            a.put("doc" + i, "x".repeat(random.nextInt(20_000)));
        }
        b.put("other", "text");
        Sync left = track(world.dialling(a));
        Sync right = track(world.dialling(b));
        Endpoint endpoint = world.get(left.listen("memory:unreliable"));
        world.network
                .faults()
                .onLink(MemoryFaults.randomCuts(seed, 40)
                        .andThen(MemoryFaults.randomDelays(seed, Duration.ofMillis(20))));
        Set<Cid> before = Set.of();
        int attempts = 0;
        while (!a.heads().equals(b.heads())) {
            if (++attempts > 60) {
                world.network.faults().onLink(link -> {});
            }
            var unused = right.dial(endpoint.address());
            world.pass(Duration.ofSeconds(30));
            assertThat(b.events()).as("seed %d: nothing is lost", seed).containsAll(before);
            before = b.events();
            assertThat(attempts).as("seed %d", seed).isLessThan(65);
            world.network.faults().cutAll();
            world.settle();
        }
        assertThat(a.events()).as("seed %d", seed).isEqualTo(b.events());
        // What the network had delayed when it was cut.
        world.pass(Duration.ofSeconds(1));
        part(world);
    }

    private static void edit(TestReplica replica, SplittableRandom random, String by) {
        for (int i = random.nextInt(10); i > 0; i--) {
            String id = "doc" + random.nextInt(6);
            if (random.nextInt(4) == 0) {
                replica.delete(id);
            } else {
                replica.put(id, by + i);
            }
        }
    }

    /** A session between two, the second of whom dialled. */
    private Session meet(World world, TestReplica listening, TestReplica dialling) {
        Sync left = track(world.dialling(listening));
        Sync right = track(world.dialling(dialling));
        Endpoint endpoint = world.get(left.listen("memory:"));
        return world.get(right.dial(endpoint.address()));
    }

    private Sync track(Sync sync) {
        peers.add(sync);
        return sync;
    }

    /** Ends everybody, and nothing may be left. */
    private void part(World world) {
        peers.forEach(world::close);
        peers.clear();
        assertThat(world.network.faults().links())
                .as("open channels, seed %d", world.seed)
                .isEmpty();
        assertThat(world.timers()).as("timers, seed %d", world.seed).isZero();
    }
}
