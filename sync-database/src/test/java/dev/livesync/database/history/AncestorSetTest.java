package dev.livesync.database.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many ancestor questions at once, against one by one. */
class AncestorSetTest {
    @Test
    void saysWhatTheQuestionsSay() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            EventGraph graph = graph(random, 10 + random.nextInt(120));
            for (int round = 0; round < 5; round++) {
                int floor = random.nextInt(graph.size());
                AncestorSet reach = new AncestorSet(graph, floor);
                List<Integer> added = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    int e = random.nextInt(graph.size());
                    added.add(e);
                    assertThat(reach.add(e, Long.MAX_VALUE)).isTrue();
                    for (int a = floor; a < graph.size(); a++) {
                        int asked = a;
                        assertThat(reach.has(a))
                                .as("seed %d, floor %d, %d below %s", seed, floor, a, added)
                                .isEqualTo(added.stream().anyMatch(d -> d == asked || graph.isAncestor(asked, d)));
                    }
                }
            }
        }
    }

    /** Writers who go on with their own, hear of others, join several, or start anew. */
    private static EventGraph graph(Random random, int size) {
        EventGraph graph = new EventGraph(1);
        int[] tips = new int[2 + random.nextInt(8)];
        Arrays.fill(tips, EventGraph.NONE);
        for (int e = 0; e < size; e++) {
            int writer = random.nextInt(tips.length);
            int others = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0;
            int[] parents = IntStream.concat(
                            IntStream.of(tips[writer]),
                            random.ints(others, 0, tips.length).map(w -> tips[w]))
                    .filter(p -> p != EventGraph.NONE)
                    .distinct()
                    .toArray();
            if (parents.length == 0 && e > 0 && random.nextInt(5) > 0) {
                parents = new int[] {random.nextInt(e)};
            }
            Cid cid = Cid.hash(Cid.DAG_CBOR, new byte[] {(byte) e, (byte) (e >> 8)});
            tips[writer] = graph.add(cid, 0, false, parents);
        }
        return graph;
    }

    @Test
    void stopsWhereItWouldTakeTooLong() {
        EventGraph graph = graph(new Random(3), 120);
        assertThat(new AncestorSet(graph, 0).add(119, 0)).isFalse();
        assertThat(new AncestorSet(graph, 0).add(119, 10_000)).isTrue();
    }
}
