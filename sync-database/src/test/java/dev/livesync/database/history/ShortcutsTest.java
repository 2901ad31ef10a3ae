package dev.livesync.database.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Windows of many blocks: passes that cross most of them against a walk over everything ({@link PastDocuments}, which takes no shortcut). */
class ShortcutsTest {
    @Test
    void crossingBlocksWeighsAsWalkingThem() {
        long crossings = 0;
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            Replay replay = new Replay();
            int writers = 2 + random.nextInt(3);
            // How often a writer hears of another one: seldom enough that weights stay below saturation, or often.
            int silence = random.nextInt(3) == 0 ? 3 : 200 + random.nextInt(2_000);
            List<Integer> tips = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                tips.add(put(replay, random, "Jshared" + w % 2));
            }
            for (int i = 0; i < 6_000; i++) {
                int w = random.nextInt(writers);
                int other = random.nextInt(writers);
                String key = random.nextInt(600) == 0 ? "Jshared" + random.nextInt(6) : "J" + w + "-" + i;
                boolean hears = random.nextInt(silence) == 0 && other != w;
                tips.set(
                        w,
                        hears
                                ? put(replay, random, key, tips.get(w), tips.get(other))
                                : put(replay, random, key, tips.get(w)));
                if (i % 200 == 199) {
                    for (int shared = 0; shared < 6; shared++) {
                        int id = replay.keys.find("Jshared" + shared);
                        if (id >= 0) {
                            replay.documents.winner(id);
                        }
                    }
                }
                if (i % 1_500 == 1_499) {
                    assertThat(replay.visible())
                            .as("seed %s, event %s", seed, i)
                            .isEqualTo(replay.past.at(replay.documents.heads()));
                }
            }
            crossings += replay.documents.crossings();
        }
        assertThat(crossings).as("blocks crossed").isGreaterThan(200);
    }

    @Test
    void everyWeightIsTheSameOnWhicheverWay() {
        int crossings = 0;
        int unsaturated = 0;
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            Replay replay = new Replay();
            int writers = 2 + random.nextInt(2);
            int silence = 10 << random.nextInt(7);
            int[] tips = new int[writers];
            int root = put(replay, random, "Jroot");
            Arrays.setAll(tips, w -> put(replay, random, "J" + w, root));
            for (int i = 0; i < 4_000; i++) {
                int w = random.nextInt(writers);
                int other = random.nextInt(writers);
                boolean hears = random.nextInt(silence) == 0 && other != w;
                tips[w] = hears
                        ? put(replay, random, "J" + i, tips[w], tips[other])
                        : put(replay, random, "J" + i, tips[w]);
            }
            EventGraph graph = replay.graph;
            int[] heads = replay.documents.heads();
            int floor = graph.nearestCommonAncestor(heads);
            if (heads.length == 1) {
                continue;
            }
            Map<Integer, Long> all = new HashMap<>();
            new Weights(graph, heads, floor, null).run((e, d) -> all.put(e, d) == null);
            Shortcuts shortcuts = new Shortcuts(graph);
            List<Integer> window = new ArrayList<>(all.keySet());
            for (int i = 0; i < 40; i++) {
                int target = window.get(random.nextInt(window.size()));
                Weights pass = new Weights(graph, heads, floor, shortcuts);
                long[] found = {-1};
                pass.run(new Weights.Visitor() {
                    @Override
                    public boolean visit(int e, long d) {
                        found[0] = e == target ? d : found[0];
                        return e != target;
                    }

                    @Override
                    public boolean needs(int block) {
                        return block == Weights.block(target);
                    }
                });
                assertThat(found[0]).as("seed %s, event %s", seed, target).isEqualTo(all.get(target));
                crossings += (int) pass.crossed();
                unsaturated += pass.crossed() > 0 && found[0] < Long.MAX_VALUE ? 1 : 0;
            }
        }
        assertThat(crossings).isGreaterThan(1_000);
        assertThat(unsaturated).as("weights below saturation behind a crossing").isGreaterThan(200);
    }

    private static int put(Replay replay, Random random, String key, int... parents) {
        Cid cid =
                Cid.ofDigest(Cid.DAG_CBOR, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        return replay.accept(cid, key, random.nextInt(5) == 0, parents);
    }
}
