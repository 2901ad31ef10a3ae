package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.Tuned;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is under way over all sessions is bounded, and whoever has to wait for that gets there all the same. */
class TransitTest {
    private static final int SESSIONS = 8;
    private static final int DOCUMENT = 384 << 10;
    private static final long TRANSIT = 1 << 20;
    private static final long OWN = 64 << 10;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void manySessionsWithALargeDocumentUnderWayEach(long seed) {
        World world = new World(seed);
        Map<Session, Long> here = new HashMap<>();
        long[] most = {0};
        List<String> failures = new ArrayList<>();
        SyncListener counting = new SyncListener() {
            @Override
            public void received(Session session, Message.Kind kind, int bytes) {
                if (kind == Message.Kind.BINARY) {
                    here.merge(session, (long) bytes, Long::sum);
                    most[0] = Math.max(
                            most[0], here.values().stream().mapToLong(n -> n).sum());
                }
            }

            @Override
            public void committed(Session session, CommitResult result) {
                here.put(session, 0L);
            }

            @Override
            public void sessionClosed(Session session, SyncException failure) {
                if (failure != null) {
                    failures.add(failure.getMessage());
                }
            }
        };
        SyncLimits limits = SyncLimits.builder()
                .closeTime(Duration.ofMillis(20))
                .transitBytes(TRANSIT)
                .build();
        TestReplica hub = new TestReplica();
        Sync center = Tuned.with(Tuned.window(1 << 20), world.peer(hub))
                .transport(world.network.provider())
                .limits(limits)
                .listener(counting)
                .build();
        Endpoint endpoint = world.get(center.listen("memory:hub"));
        List<Sync> peers = new ArrayList<>();
        List<TestReplica> leaves = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
            TestReplica leaf = new TestReplica();
            Sync peer = Tuned.with(Tuned.window(1 << 20), world.peer(leaf))
                    .transport(world.network.provider())
                    .limits(limits)
                    .build();
            peers.add(peer);
            leaves.add(leaf);
            world.get(world.get(peer.dial(endpoint.address())).backlog());
        }
        for (int i = 0; i < SESSIONS; i++) {
            leaves.get(i).put("large" + i, ("" + (char) ('a' + i)).repeat(DOCUMENT));
        }
        world.settle();
        assertThat(failures).as("seed %d", seed).isEmpty();
        assertThat(leaves).as("seed %d", seed).allMatch(leaf -> leaf.heads().equals(hub.heads()));
        assertThat(hub.events()).hasSize(SESSIONS);
        assertThat(most[0])
                .as("bytes under way to the hub at once, seed %d", seed)
                .isLessThanOrEqualTo(TRANSIT / 2 + SESSIONS * OWN + DOCUMENT + (64 << 10));
        peers.forEach(world::close);
        world.close(center);
    }

    /** A handshake grants ahead. What several grant at once is taken from the memory when they grant it, not when their sessions open. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void handshakesAtTheSameTimeAreNotGrantedTheSameMemory(long seed) {
        World world = new World(seed);
        TransportContext[] seen = {null};
        long[] most = {0};
        SyncListener counting = new SyncListener() {
            @Override
            public void statusChanged(Session session, SessionStatus status) {
                most[0] = Math.max(most[0], TransitMemory.of(seen[0])[0]);
            }
        };
        Sync center = Tuned.with(Tuned.window(1 << 20), world.peer(new TestReplica()))
                .transport(seeing(world.network.provider(), seen))
                .limits(SyncLimits.builder()
                        .closeTime(Duration.ofMillis(20))
                        .transitBytes(16 * TRANSIT)
                        .build())
                .listener(counting)
                .build();
        Endpoint endpoint = world.get(center.listen("memory:hub"));
        List<Sync> peers = new ArrayList<>();
        List<CompletableFuture<Session>> dialled = new ArrayList<>();
        for (int i = 0; i < 4 * SESSIONS; i++) {
            Sync peer = world.peer(new TestReplica())
                    .transport(world.network.provider())
                    .build();
            peers.add(peer);
            dialled.add(peer.dial(endpoint.address()));
        }
        List<Session> sessions = dialled.stream().map(world::get).toList();
        assertThat(most[0]).as("bytes granted to all, seed %d", seed).isBetween(TRANSIT, 8 * TRANSIT);
        world.settle();
        sessions.subList(SESSIONS, sessions.size()).forEach(Session::abort);
        peers.forEach(world::close);
        world.settle();
        assertThat(TransitMemory.of(seen[0])).as("what is left of them").containsOnly(0);
        world.close(center);
    }

    /** Whatever becomes of a handshake, what it granted is given back when it is over. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aHandshakeThatComesToNothingGivesBackWhatItGranted(long seed) {
        long most = 0;
        for (int steps = 0; steps < 60; steps++) {
            World world = new World(seed);
            TransportContext[] seen = {null};
            Sync center = world.peer(new TestReplica())
                    .transport(seeing(world.network.provider(), seen))
                    .build();
            Endpoint endpoint = world.get(center.listen("memory:hub"));
            Sync peer = world.dialling(new TestReplica());
            CompletableFuture<Session> dialled = peer.dial(endpoint.address());
            for (int i = 0; i < steps && world.step(); i++) {
                most = Math.max(most, TransitMemory.of(seen[0])[0]);
            }
            if (steps % 2 == 0) {
                dialled.cancel(false);
            } else {
                endpoint.close();
            }
            world.settle();
            world.closeAbruptly(peer);
            world.settle();
            world.pass(Duration.ofMinutes(1));
            assertThat(TransitMemory.of(seen[0]))
                    .as("seed %d, after %d steps", seed, steps)
                    .containsOnly(0);
            world.close(center);
        }
        assertThat(most).as("what was granted under way").isPositive();
    }

    private static TransportProvider seeing(TransportProvider provider, TransportContext[] seen) {
        return new TransportProvider() {
            @Override
            public String id() {
                return provider.id();
            }

            @Override
            public Set<String> schemes() {
                return provider.schemes();
            }

            @Override
            public Set<TransportFeature> features() {
                return provider.features();
            }

            @Override
            public Transport open(TransportContext context) {
                seen[0] = context;
                return provider.open(context);
            }
        };
    }
}
