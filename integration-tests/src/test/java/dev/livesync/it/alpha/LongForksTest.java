package dev.livesync.it.alpha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * An alpha looks for the common ancestor of two heads in a time that grows with the cube of the way there, at each read and at its
 * next write: 1,000 changes on either side keep it busy for minutes. So it must never hold such heads.
 */
class LongForksTest {
    private static final int LONG = 150;

    private static List<String> ids(String prefix) {
        return IntStream.range(0, LONG)
                .mapToObj(i -> prefix + "%05d".formatted(i))
                .toList();
    }

    private static void assertWhole(Alpha alpha, Hub hub, int documents) {
        assertThat(alpha.clock()).hasSize(1);
        assertThat(hub.failures()).isEmpty();
        assertThat(alpha.all()).isEqualTo(hub.all()).hasSize(documents);
    }

    /** A history of its own on either side, 150 changes long, and no more from the alpha than its first message. */
    private static Link fork(Bench bench, Alpha alpha, Hub hub) {
        alpha.puts(ids("a"), 1);
        ids("h").forEach(id -> hub.put(id, 2));
        Link link = bench.joinHeld(alpha, hub);
        bench.releaseFirst(link.name(), 1);
        return link;
    }

    /** What both have before they part. */
    private static void haveInCommon(Bench bench, Alpha alpha, Hub hub) {
        alpha.put("common", 0);
        Link link = bench.join(alpha, hub);
        bench.get(link.session().backlog());
        link.cut();
    }

    private static void assertMergedBeforeTheAlphaSeesIt(Bench bench, Link link, Alpha alpha, Hub hub, int documents) {
        bench.pass(Duration.ofMillis(500));
        assertThat(alpha.clock()).as("while its answer is under way").hasSize(1);
        bench.release(link.name(), false);
        bench.get(link.session().backlog());
        assertWhole(alpha, hub, documents);
    }

    @Test
    void historiesWithoutACommonAncestorAreMergedBeforeTheAlphaSeesOurs() {
        try (Bench bench = Bench.open(51)) {
            Alpha alpha = bench.alpha("alpha");
            Hub hub = bench.hub("hub");
            Link link = fork(bench, alpha, hub);
            assertMergedBeforeTheAlphaSeesIt(bench, link, alpha, hub, 2 * LONG);
            bench.pass(Duration.ofSeconds(1));
            assertWhole(alpha, hub, 2 * LONG);
            alpha.put("first", 3);
            hub.put("second", 4);
            bench.pass(Duration.ofSeconds(1));
            assertThat(alpha.all()).isEqualTo(hub.all()).hasSize(2 * LONG + 2);
        }
    }

    @Test
    void anAlphaThatNeverAnswersGetsOursAllTheSame() {
        try (Bench bench = Bench.open(52)) {
            Alpha alpha = bench.alpha("alpha");
            Hub hub = bench.hub("hub");
            fork(bench, alpha, hub);
            bench.pass(Duration.ofSeconds(20));
            assertThat(alpha.clock()).hasSize(2);
        }
    }

    @Test
    void longBranchesOfOneHistoryAreMerged() {
        try (Bench bench = Bench.open(53)) {
            Alpha alpha = bench.alpha("alpha");
            Hub hub = bench.hub("hub");
            haveInCommon(bench, alpha, hub);
            Link link = fork(bench, alpha, hub);
            assertMergedBeforeTheAlphaSeesIt(bench, link, alpha, hub, 2 * LONG + 1);
        }
    }

    @Test
    void aHistoryThatComesThroughAnotherSessionIsMergedOnItsWay() {
        try (Bench bench = Bench.open(54)) {
            Alpha alpha = bench.alpha("alpha");
            Hub hub = bench.hub("hub");
            alpha.puts(ids("a"), 1);
            bench.get(bench.join(alpha, hub).session().backlog());
            Hub other = bench.hub("other");
            ids("o").forEach(id -> other.put(id, 2));
            Session session = bench.join(hub, other);
            bench.get(session.backlog());
            assertWhole(alpha, hub, 2 * LONG);
        }
    }

    @Test
    void shortForksStayForks() {
        try (Bench bench = Bench.open(55)) {
            Alpha alpha = bench.alpha("alpha");
            Hub hub = bench.hub("hub");
            haveInCommon(bench, alpha, hub);
            alpha.put("a", 1);
            hub.put("h", 2);
            bench.get(bench.join(alpha, hub).session().backlog());
            bench.pass(Duration.ofSeconds(1));
            assertThat(alpha.clock()).hasSize(2);
            assertThat(hub.made()).isEmpty();
            assertThat(alpha.all()).isEqualTo(hub.all()).hasSize(3);
        }
    }
}
