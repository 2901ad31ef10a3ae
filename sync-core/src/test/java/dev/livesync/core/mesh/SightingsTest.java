package dev.livesync.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.discovery.DiscoveredPeer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SightingsTest {
    private final AtomicInteger news = new AtomicInteger();
    private final Sightings sightings = new Sightings(3, news::incrementAndGet);

    private static DiscoveredPeer peer(String name, String address) {
        return new DiscoveredPeer(name, List.of(address));
    }

    @Test
    void theLatestOfEachNameCounts() {
        sightings.found(peer("a", "memory:1"));
        sightings.lost("a");
        sightings.found(peer("a", "memory:2"));
        sightings.lost("b");
        assertThat(sightings.take()).isEqualTo(Map.of("a", Optional.of(peer("a", "memory:2")), "b", Optional.empty()));
        assertThat(sightings.take()).isEmpty();
        assertThat(news).hasValue(4);
    }

    @Test
    void aFloodIsBounded() {
        for (int i = 0; i < 1_000; i++) {
            sightings.found(peer("n" + i, "memory:1"));
        }
        sightings.lost("n1");
        Map<String, Optional<DiscoveredPeer>> taken = sightings.take();
        assertThat(taken).containsOnlyKeys("n0", "n1", "n2");
        assertThat(taken.get("n1")).as("what is known is still heard").isEmpty();
    }

    @Test
    void namesThatAreNoneAreNotKept() {
        sightings.lost("x".repeat(65));
        sightings.lost("a b");
        sightings.lost("");
        assertThat(sightings.take()).isEmpty();
    }

    @Test
    void afterTheEndNothingIsHeard() {
        sightings.found(peer("a", "memory:1"));
        sightings.close();
        sightings.found(peer("b", "memory:1"));
        assertThat(sightings.take()).isEmpty();
        assertThat(news).hasValue(1);
    }
}
