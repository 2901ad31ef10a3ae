package dev.livesync.discovery.mdns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.DiscoveryListener;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who is remembered, against a list of what each service said last. */
class LanPeersTest {
    private final Map<String, Set<String>> present = new HashMap<>();
    private final LanPeers peers = new LanPeers(new DiscoveryListener() {
        @Override
        public void found(DiscoveredPeer peer) {
            assertThat(peer.addresses()).doesNotHaveDuplicates();
            present.put(peer.name(), new HashSet<>(peer.addresses()));
        }

        @Override
        public void lost(String name) {
            assertThat(present.remove(name)).as("is lost once").isNotNull();
        }
    });

    private static LanRecord at(DiscoveredPeer peer) {
        return new LanRecord(peer, Instant.EPOCH);
    }

    private record Said(String link, String label) {}

    @Test
    void aPeerIsThereAsLongAsOneServiceSaysSoWithTheAddressesOfAll() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<Said, DiscoveredPeer> said = new HashMap<>();
        for (int round = 0; round < 20_000; round++) {
            String link = "l" + random.nextInt(3);
            String label = "s" + random.nextInt(3);
            int what = random.nextInt(20);
            if (what < 12) {
                DiscoveredPeer peer =
                        new DiscoveredPeer("p" + random.nextInt(3), List.of("ws://h/" + random.nextInt(5)));
                peers.heard(link, label, at(peer));
                said.put(new Said(link, label), peer);
            } else if (what < 19) {
                peers.gone(link, label);
                said.remove(new Said(link, label));
            } else {
                peers.left(link);
                said.keySet().removeIf(service -> service.link().equals(link));
            }
            Map<String, Set<String>> expected = new HashMap<>();
            said.values()
                    .forEach(peer -> expected.computeIfAbsent(peer.name(), none -> new HashSet<>())
                            .addAll(peer.addresses()));
            assertThat(present).as("seed %d, round %d", seed, round).isEqualTo(expected);
            assertThat(peers.size()).isEqualTo(expected.size());
        }
    }

    @Test
    void namesAndServicesAreBounded() {
        for (int i = 0; i < 2 * LanPeers.MOST_NAMES; i++) {
            peers.heard("l", "s" + i, at(new DiscoveredPeer("p" + i, List.of("ws://h/"))));
        }
        assertThat(present).hasSize(LanPeers.MOST_NAMES);
        peers.gone("l", "s0");
        peers.heard("l", "again", at(new DiscoveredPeer("late", List.of("ws://h/"))));
        assertThat(present).hasSize(LanPeers.MOST_NAMES).containsKey("late");

        // One record under many labels: those that came first give way, and what is left is one peer.
        for (int i = 0; i < 10_000; i++) {
            peers.heard("l", "t" + i, at(new DiscoveredPeer("p1", List.of("ws://h/" + i))));
        }
        assertThat(present).hasSize(LanPeers.MOST_NAMES);
        assertThat(present.get("p1")).hasSize(DiscoveredPeer.MAX_ADDRESSES);
        for (int i = 0; i < 10_000; i++) {
            peers.gone("l", "t" + i);
        }
        assertThat(present).hasSize(LanPeers.MOST_NAMES - 1).doesNotContainKey("p1");
        peers.left("l");
        assertThat(present).isEmpty();
    }

    @Test
    void whatIsOldIsForgottenThoughNobodyTakesItBack() {
        DiscoveredPeer peer = new DiscoveredPeer("p", List.of("ws://h/old"));
        peers.heard("l", "a", new LanRecord(peer, Instant.ofEpochSecond(5)));
        peers.heard("l", "b", new LanRecord(new DiscoveredPeer("p", List.of("ws://h/new")), Instant.ofEpochSecond(9)));
        peers.expire(Instant.ofEpochSecond(5));
        assertThat(present).containsEntry("p", Set.of("ws://h/old", "ws://h/new"));
        peers.expire(Instant.ofEpochSecond(6));
        assertThat(present).containsEntry("p", Set.of("ws://h/new"));
        peers.expire(Instant.ofEpochSecond(10));
        assertThat(present).isEmpty();
        assertThat(peers.size()).isZero();
    }
}
