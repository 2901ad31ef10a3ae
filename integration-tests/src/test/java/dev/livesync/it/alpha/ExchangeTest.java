package dev.livesync.it.alpha;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Documents both ways with an unmodified alpha, each side offering, and what comes after. */
class ExchangeTest {
    @ParameterizedTest
    @CsvSource({"0.8.0,true", "0.8.0,false", "0.7.2,true", "0.7.2,false", "0.6.6,true", "0.6.6,false"})
    void documentsTravelBothWaysAndLive(String version, boolean alphaOffers) {
        try (Bench bench = Bench.open(version, 1)) {
            Alpha alpha = bench.alpha("alpha");
            Hub hub = bench.hub("hub");
            alpha.put("theirs", 1);
            hub.put("ours", 2);
            Link link = bench.join(alpha, hub, alphaOffers);
            assertThat(link.session().peer().isAlpha()).isTrue();
            bench.get(link.session().backlog());
            bench.pass(Duration.ofSeconds(1));
            assertBoth(alpha, hub, Map.of("theirs", "1", "ours", "2"));
            hub.put("ours", 3);
            alpha.put("theirs", 4);
            bench.pass(Duration.ofSeconds(1));
            assertBoth(alpha, hub, Map.of("theirs", "4", "ours", "3"));
            alpha.del("ours");
            bench.settle();
            hub.del("theirs");
            bench.pass(Duration.ofSeconds(1));
            assertBoth(alpha, hub, Map.of());
            alpha.put("x", 5);
            hub.put("x", 6);
            bench.pass(Duration.ofSeconds(1));
            assertThat(hub.all()).isEqualTo(alpha.all()).hasSize(1);
            assertThat(link.session().equal()).isTrue();
        }
    }

    @Test
    void aThirdAlphaJoinsThroughEitherSide() {
        try (Bench bench = Bench.open(2)) {
            Alpha first = bench.alpha("first");
            Hub hub = bench.hub("hub");
            first.puts(IntStream.range(0, 50).mapToObj("a%03d"::formatted).toList(), 1);
            bench.join(first, hub);
            hub.put("h", 2);
            bench.settle();
            Alpha throughHub = bench.alpha("through-hub");
            bench.join(throughHub, hub);
            Alpha throughAlpha = bench.alpha("through-alpha");
            Alpha.link(first, throughAlpha, "direct");
            bench.pass(Duration.ofSeconds(1));
            for (Alpha each : List.of(first, throughHub, throughAlpha)) {
                assertThat(each.all()).as(each.name()).isEqualTo(hub.all()).hasSize(51);
            }
            throughHub.put("late", 3);
            bench.pass(Duration.ofSeconds(1));
            for (Alpha each : List.of(first, throughHub)) {
                assertThat(each.all()).as(each.name()).isEqualTo(hub.all()).hasSize(52);
            }
        }
    }

    @Test
    void reconnectAfterEditsApart() {
        try (Bench bench = Bench.open(3)) {
            Alpha alpha = bench.alpha("alpha");
            Hub hub = bench.hub("hub");
            alpha.put("a", 1);
            Link link = bench.join(alpha, hub);
            bench.settle();
            link.cut();
            for (int i = 0; i < 5; i++) {
                hub.put("a", "hub" + i);
                hub.put("h" + i, i);
                alpha.put("b" + i, i);
            }
            alpha.put("a", "alpha");
            bench.join(alpha, hub);
            bench.pass(Duration.ofSeconds(1));
            assertThat(alpha.all()).isEqualTo(hub.all()).hasSize(11);
        }
    }

    private static void assertBoth(Alpha alpha, Hub hub, Map<String, String> documents) {
        assertThat(hub.failures()).isEmpty();
        assertThat(hub.all()).isEqualTo(documents);
        assertThat(alpha.all()).isEqualTo(documents);
    }
}
