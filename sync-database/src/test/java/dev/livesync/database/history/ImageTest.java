package dev.livesync.database.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.database.columns.Images;
import dev.livesync.database.columns.KeyTable;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Graph and keys at a size that takes several pages of each kind, through an image and beyond. */
class ImageTest {
    private static final int MANY = 300_000;

    private static Cid cid(int number) {
        Random random = new Random(number);
        return Cid.ofDigest(Cid.DAG_CBOR, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    }

    private static void add(EventGraph graph, int from, int to) {
        for (int i = from; i < to; i++) {
            int[] parents = i == 0 ? new int[0] : new int[] {i - 1};
            if (i % 1_000 == 2) {
                parents = new int[] {i - 2};
            } else if (i % 1_000 == 3) {
                parents = new int[] {i - 1, i - 2};
            }
            assertThat(graph.add(cid(i), i / 2, i % 5 == 0, parents)).isEqualTo(i);
        }
    }

    private static EventGraph again(EventGraph graph) {
        EventGraph loaded = new EventGraph(9);
        Images.load(Images.save(graph::save), loaded::load);
        return loaded;
    }

    private static void requireSame(EventGraph a, EventGraph b) {
        assertThat(a.size()).isEqualTo(b.size());
        for (int i = 0; i < a.size(); i++) {
            Cid cid = cid(i);
            if (a.indexOf(cid) != i
                    || !a.cid(i).equals(cid)
                    || a.key(i) != b.key(i)
                    || a.isDelete(i) != b.isDelete(i)
                    || a.generation(i) != b.generation(i)
                    || a.up(i) != b.up(i)
                    || a.isAncestor(i / 2, i) != b.isAncestor(i / 2, i)) {
                throw new AssertionError("event " + i + " of " + a.size());
            }
        }
    }

    @Test
    void aGraphThatWasLoadedGoesOn() {
        EventGraph never = new EventGraph(1);
        add(never, 0, MANY);
        EventGraph once = again(never);
        requireSame(once, never);
        add(never, MANY, MANY + 5_000);
        add(once, MANY, MANY + 3_000);
        EventGraph twice = again(once);
        add(twice, MANY + 3_000, MANY + 5_000);
        requireSame(twice, never);
    }

    private static String key(int number) {
        return "J" + number + (number % 3 == 0 ? "\u00e9\ud83d\ude00" : "");
    }

    private static KeyTable again(KeyTable keys) {
        KeyTable loaded = new KeyTable(9);
        Images.load(Images.save(keys::save), loaded::load);
        return loaded;
    }

    @Test
    void keysThatWereLoadedGoOn() {
        KeyTable keys = new KeyTable(1);
        for (int i = 0; i < 10_000; i++) {
            assertThat(keys.intern(key(i))).isEqualTo(i);
        }
        KeyTable once = again(keys);
        assertThat(once.intern(key(10_000)))
                .as("in a page that nobody has read")
                .isEqualTo(10_000);
        assertThat(once.name(9_999)).isEqualTo(key(9_999));
        KeyTable twice = again(once);
        assertThat(twice.find(key(10_001))).isEqualTo(-1);
        for (int i = 0; i < 12_000; i++) {
            assertThat(twice.intern(key(i))).isEqualTo(i);
            assertThat(twice.name(i)).isEqualTo(key(i));
        }
        assertThat(again(again(twice)).find(key(11_999))).as("twice unread").isEqualTo(11_999);
    }
}
