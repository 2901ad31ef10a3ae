package dev.livesync.it.alpha;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What an alpha takes of documents that fill nodes and messages, and what LiveSync says where it takes no more. */
class LargeDocumentsTest {
    private static final Duration MOMENT = Duration.ofSeconds(2);

    /** Leaves of two hundred entries and more are cut at 64 KiB; the alpha's own would not fit into a message. */
    @Test
    void manyOfTwoThousandBytes() {
        try (Bench bench = Bench.open(1)) {
            Hub hub = bench.hub("hub");
            for (int i = 0; i < 300; i++) {
                hub.put("a%03d".formatted(i), text(i, 2_000));
            }
            Alpha alpha = bench.alpha("alpha");
            bench.join(alpha, hub);
            bench.pass(MOMENT);
            assertThat(alpha.all()).isEqualTo(hub.all()).hasSize(300);
            // The alpha edits trees that it would have cut elsewhere.
            alpha.put("a150", "theirs");
            alpha.put("a1505", "between");
            alpha.put("b", "after");
            alpha.del("a000");
            hub.put("a200", "ours");
            bench.pass(MOMENT);
            Alpha fresh = bench.alpha("fresh");
            bench.join(fresh, hub);
            bench.pass(MOMENT);
            assertThat(alpha.all()).isEqualTo(hub.all()).hasSize(301);
            assertThat(fresh.all()).isEqualTo(hub.all());
            assertThat(hub.failures()).isEmpty();
        }
    }

    @Test
    void oneThatFillsAMessageAndOneThatNoMessageCarries() {
        try (Bench bench = Bench.open(2)) {
            Hub hub = bench.hub("hub");
            Alpha alpha = bench.alpha("alpha");
            hub.put("a", "small");
            bench.join(alpha, hub);
            hub.put("b", text(0, 130_000));
            hub.put("c", text(1, 261_000));
            bench.pass(MOMENT);
            assertThat(alpha.all()).isEqualTo(hub.all()).hasSize(3);
            assertThat(hub.failures()).isEmpty();

            hub.put("d", text(2, 262_100));
            bench.pass(MOMENT);
            assertThat(hub.failures()).hasSize(1);
            assertThat(hub.failures().get(0)).contains("document \"d\"").contains("262144");
            assertThat(alpha.all()).as("the alpha goes on with what it has").hasSize(3);
            // Nor does a fresh one get a history with a hole in it.
            Alpha fresh = bench.alpha("fresh");
            bench.join(fresh, hub);
            bench.pass(MOMENT);
            assertThat(hub.failures()).hasSize(2);
            assertThat(hub.failures().get(1)).contains("262144");
            assertThat(fresh.error()).isEmpty();

            hub.del("d");
            Alpha other = bench.alpha("other");
            bench.join(other, hub);
            bench.pass(MOMENT);
            assertThat(hub.failures())
                    .as("the event of the large document stays")
                    .hasSize(3);
        }
    }

    private static String text(int number, int length) {
        return (number + " " + "lorem ipsum ".repeat(length / 12 + 1)).substring(0, length);
    }
}
