package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.Tuned;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.transport.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
}
