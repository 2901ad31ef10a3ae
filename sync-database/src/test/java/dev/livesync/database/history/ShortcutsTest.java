package dev.livesync.database.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import java.util.ArrayList;
import java.util.List;
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

    private static int put(Replay replay, Random random, String key, int... parents) {
        Cid cid =
                Cid.ofDigest(Cid.DAG_CBOR, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        return replay.accept(cid, key, random.nextInt(5) == 0, parents);
    }
}
