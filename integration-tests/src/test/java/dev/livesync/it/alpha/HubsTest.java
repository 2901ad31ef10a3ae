package dev.livesync.it.alpha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.database.Document;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batches, two hubs beside one alpha, and how many documents in which order. */
class HubsTest {
    private static final Duration MOMENT = Duration.ofSeconds(2);

    @Test
    void aBatchThenTwoHundredPutsThereThenAFreshAlpha() {
        try (Bench bench = Bench.open(1)) {
            Hub hub = bench.hub("hub");
            Alpha alpha = bench.alpha("alpha");
            for (int i = 0; i < 20; i++) {
                hub.put("a%03d".formatted(i), "old");
            }
            bench.join(alpha, hub);
            bench.pass(MOMENT);
            hub.write(batch -> {
                for (int i = 0; i < 10; i++) {
                    batch.put(Document.of("a%03d".formatted(2 * i), Map.of("v", "new")));
                }
            });
            bench.pass(MOMENT);
            assertThat(alpha.all()).isEqualTo(hub.all()).hasSize(20);
            alpha.puts(IntStream.range(0, 200).mapToObj("b%03d"::formatted).toList(), "theirs");
            bench.pass(MOMENT);
            assertThat(alpha.all()).isEqualTo(hub.all()).hasSize(220);
            Alpha throughHub = bench.alpha("through-hub");
            bench.join(throughHub, hub);
            Alpha throughAlpha = bench.alpha("through-alpha");
            Alpha.link(alpha, throughAlpha, "direct");
            bench.pass(MOMENT);
            assertThat(throughHub.all()).isEqualTo(hub.all());
            assertThat(throughAlpha.all()).isEqualTo(hub.all()).containsEntry("a000", "new");
            assertThat(hub.failures()).isEmpty();
        }
    }

    @Test
    void twoHubsBesideOneAlpha() {
        twoHubs(1_000);
    }

    @Tag("soak")
    @Test
    void twoHubsBesideOneAlphaForTenThousandTicks() {
        twoHubs(10_000);
    }

    /** Each tick somebody may write; most are in step with the others, some are not. */
    private static void twoHubs(int ticks) {
        Random random = new Random(7);
        try (Bench bench = Bench.open(7)) {
            Hub one = bench.hub("one");
            Hub two = bench.hub("two");
            Alpha alpha = bench.alpha("alpha");
            one.put("first", 0);
            bench.join(one, two);
            bench.join(alpha, one);
            bench.join(alpha, two);
            bench.pass(MOMENT);
            int batches = 0;
            int quiet = 0;
            for (int tick = 0; tick < ticks; tick++) {
                String id = "a%02d".formatted(random.nextInt(40));
                Hub hub = random.nextBoolean() ? one : two;
                String value = "t" + tick;
                int what = random.nextInt(1_000);
                if (what < 8 && batches < 16) {
                    batches++;
                    hub.write(batch -> {
                        batch.put(Document.of(id, Map.of("v", value)));
                        batch.put(Document.of(id + "b", Map.of("v", value)));
                        batch.put(Document.of(id + "c", Map.of("v", value)));
                    });
                } else if (what < 400) {
                    hub.put(id, value);
                } else if (what < 500) {
                    alpha.put(id, value);
                } else {
                    quiet++;
                    bench.pass(Duration.ofMillis(200));
                    continue;
                }
                bench.settle();
            }
            bench.pass(MOMENT);
            assertThat(batches).as("batches").isPositive();
            assertThat(quiet).as("ticks in which nobody wrote").isGreaterThan(ticks / 3);
            List<Event> byOne = bench.sentBridges(one);
            assertThat(byOne).as("bridges").isNotEmpty();
            assertThat(Set.copyOf(byOne)).as("both hubs make the same").isEqualTo(Set.copyOf(bench.sentBridges(two)));
            assertThat(byOne).as("at most one for each head").doesNotHaveDuplicates();
            // What the alpha's own tree has lost is put right on top of that head: no stale heads, these.
            Set<Cid> repaired = new HashSet<>(one.mismatches().keySet());
            repaired.addAll(two.mismatches().keySet());
            assertThat(byOne.stream().filter(e -> !repaired.contains(e.parents().get(0))))
                    .as("only a batch leaves a stale head")
                    .hasSizeBetween(1, batches);

            int before = bench.sentBridges(one).size() + bench.sentBridges(two).size();
            int events = one.made().size();
            for (int i = 0; i < 100; i++) {
                bench.pass(Duration.ofSeconds(1));
            }
            assertThat(bench.sentBridges(one).size() + bench.sentBridges(two).size())
                    .as("bridges while nobody writes")
                    .isEqualTo(before);
            assertThat(one.made()).hasSize(events);
            assertThat(two.all()).isEqualTo(one.all());
            assertThat(alpha.all()).isEqualTo(one.all());
            // At most one event was made on top of any one clock, whoever made it.
            Map<Set<Cid>, Cid> clocks = new HashMap<>();
            for (Event made : one.made()) {
                assertThat(clocks.putIfAbsent(Set.copyOf(made.parents()), made.cid()))
                        .isNull();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3,ascending", "3,descending", "3,random", "3,automatic",
        "50,ascending", "50,descending", "50,random", "50,automatic",
        "300,ascending", "300,descending", "300,random", "300,automatic"
    })
    void documentsOnEitherSide(int count, String order) {
        eitherSide(count, order);
    }

    @Tag("soak")
    @ParameterizedTest
    @CsvSource({"1000,ascending", "1000,descending", "1000,random", "1000,automatic"})
    void aThousandDocumentsOnEitherSide(int count, String order) {
        eitherSide(count, order);
    }

    private static List<String> ids(String prefix, int count, String order) {
        List<String> ids = new ArrayList<>(IntStream.range(0, count)
                .mapToObj(i -> prefix + "%05d".formatted(i))
                .toList());
        if (order.equals("descending")) {
            Collections.reverse(ids);
        } else if (order.equals("random")) {
            Collections.shuffle(ids, new Random(11));
        }
        return ids;
    }

    private static void eitherSide(int count, String order) {
        try (Bench bench = Bench.open(count)) {
            // From Java to a fresh alpha.
            Hub full = bench.hub("full");
            ids("h", count, order).forEach(id -> full.put(id, 1));
            Alpha fresh = bench.alpha("fresh");
            Link down = bench.join(fresh, full);
            bench.pass(MOMENT);
            assertThat(fresh.all()).as("at the alpha").isEqualTo(full.all()).hasSize(count);
            assertThat(full.failures()).isEmpty();
            bench.get(down.session().backlog());
            fresh.put("live", 2);
            full.put("live2", 3);
            bench.pass(MOMENT);
            assertThat(fresh.all()).isEqualTo(full.all()).hasSize(count + 2);

            // From an alpha to Java, as far as the alpha's own message carries it.
            Hub empty = bench.hub("empty");
            Alpha author = bench.alpha("author");
            if (order.equals("automatic")) {
                author.puts(Collections.nCopies(count, null), 1);
            } else {
                author.puts(ids("a", count, order), 1);
            }
            int size = author.cidCount() * 62;
            bench.join(author, empty);
            bench.pass(MOMENT);
            if (size < 255_000) {
                assertThat(empty.all()).as("in Java").hasSize(count);
                assertThat(author.all()).isEqualTo(empty.all());
            } else {
                // More than one message carries: the alpha's own diff breaks its channel, and LiveSync says so.
                bench.pass(Duration.ofMinutes(2));
                assertThat(empty.failures()).isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"ascending", "random"})
    void fiveThousandDocumentsFromJavaToAFreshAlpha(String order) {
        try (Bench bench = Bench.open(5)) {
            Hub hub = bench.hub("hub");
            List<String> ids = ids("h", 5_000, order);
            hub.write(batch -> ids.forEach(id -> batch.put(Document.of(id, Map.of("v", 1)))));
            hub.put("last", 2);
            Alpha fresh = bench.alpha("fresh");
            bench.join(fresh, hub);
            bench.pass(MOMENT);
            assertThat(hub.failures()).isEmpty();
            assertThat(fresh.all()).isEqualTo(hub.all()).hasSize(5_001);
        }
    }
}
