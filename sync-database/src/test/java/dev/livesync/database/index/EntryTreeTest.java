package dev.livesync.database.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Entries stay in order, and earlier trees stay as they were. */
class EntryTreeTest {
    private static final class Item {
        private final byte[] bytes;
        private final int key;

        Item(byte[] bytes, int key) {
            this.bytes = bytes;
            this.key = key;
        }
    }

    private static final Comparator<Item> ORDER = Comparator.<Item, byte[]>comparing(
                    item -> item.bytes, Arrays::compareUnsigned)
            .thenComparing(item -> name(item.key));

    private static String name(int key) {
        return "J" + Integer.toString(key * 7919 % 10_007, 36);
    }

    @Test
    void itIsASortedSet() {
        for (long seed = 1; seed <= 30; seed++) {
            Random random = new Random(seed);
            TreeSet<Item> expected = new TreeSet<>(ORDER);
            EntryTree tree = EntryTree.EMPTY;
            List<EntryTree> earlier = new ArrayList<>();
            List<List<Item>> were = new ArrayList<>();
            int most = 1 + random.nextInt(2_000);
            for (int i = 0; i < 2 * most; i++) {
                // First it grows, then it shrinks.
                boolean grows = random.nextInt(10) < (i < most ? 8 : 2);
                if (grows || expected.isEmpty()) {
                    byte[] bytes = new byte[random.nextInt(6)];
                    for (int b = 0; b < bytes.length; b++) {
                        bytes[b] = (byte) random.nextInt(random.nextBoolean() ? 3 : 256);
                    }
                    Item item = new Item(bytes, random.nextInt(5_000));
                    if (expected.add(item)) {
                        tree = tree.with(bytes, item.key, EntryTreeTest::name);
                    }
                } else {
                    Item probe = new Item(new byte[] {(byte) random.nextInt(256)}, random.nextInt(5_000));
                    Item item = expected.ceiling(probe) == null ? expected.first() : expected.ceiling(probe);
                    expected.remove(item);
                    tree = tree.without(item.bytes, item.key, EntryTreeTest::name);
                }
                if (random.nextInt(500) == 0) {
                    earlier.add(tree);
                    were.add(List.copyOf(expected));
                }
            }
            compare(tree, List.copyOf(expected), "seed " + seed);
            for (int i = 0; i < earlier.size(); i++) {
                compare(earlier.get(i), were.get(i), "seed " + seed + ", earlier tree " + i);
            }
        }
    }

    private static void compare(EntryTree tree, List<Item> expected, String as) {
        assertThat(tree.size()).as(as).isEqualTo(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            Item item = expected.get(i);
            assertThat(tree.key(i)).as(as).isEqualTo(item.key);
            assertThat(tree.bytes(i)).as(as).isEqualTo(item.bytes);
            assertThat(tree.length(i)).as(as).isEqualTo(item.bytes.length);
            assertThat(tree.rank(item.bytes, name(item.key), EntryTreeTest::name))
                    .as(as)
                    .isEqualTo(i);
        }
        int[] keys = expected.stream().mapToInt(item -> item.key).toArray();
        EntryTree atOnce = EntryTree.of(keys.length, i -> expected.get(i).bytes, keys);
        List<Integer> found = new ArrayList<>();
        atOnce.forEach((key, data, from, to) -> found.add(key));
        assertThat(found)
                .as(as)
                .isEqualTo(expected.stream().map(item -> item.key).toList());
        byte[] image = ImageWriter.bytes(tree::save);
        ByteBuffer in = ByteBuffer.wrap(Arrays.copyOf(image, image.length + 4));
        EntryTree loaded = EntryTree.load(
                new ImageReader(
                        target -> {
                            int n = Math.min(target.remaining(), in.remaining());
                            target.put(in.slice(in.position(), n));
                            in.position(in.position() + n);
                            return n;
                        },
                        in.limit()),
                Integer.MAX_VALUE);
        found.clear();
        loaded.forEach((key, data, from, to) -> found.add(key));
        assertThat(found)
                .as(as + ", loaded")
                .isEqualTo(expected.stream().map(item -> item.key).toList());
    }

    @Test
    void aTreeThatWasMadeAtOnceCanShrink() {
        int[] keys = new int[49 * 49];
        Arrays.setAll(keys, i -> i);
        byte[][] bytes = new byte[keys.length][];
        Arrays.setAll(bytes, i -> new byte[] {(byte) (i >> 8), (byte) i});
        EntryTree tree = EntryTree.of(keys.length, i -> bytes[i], keys);
        for (int i = 0; i < keys.length; i++) {
            int key = i % 2 == 0 ? i / 2 : keys.length - 1 - i / 2;
            tree = tree.without(bytes[key], key, EntryTreeTest::name);
        }
        assertThat(tree.size()).isZero();
    }

    @Test
    void bytesAreStoredByKey() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            byte[][] expected = new byte[1 + random.nextInt(3_000)][];
            StoredBytes stored = StoredBytes.EMPTY;
            for (int i = 0; i < 2_000; i++) {
                int key = random.nextInt(expected.length);
                byte[] bytes = new byte[random.nextInt(4)];
                random.nextBytes(bytes);
                expected[key] = bytes;
                stored = stored.with(key, bytes);
            }
            StoredBytes atOnce = StoredBytes.of(expected);
            for (int key = 0; key < expected.length + 40; key++) {
                byte[] bytes = key < expected.length && expected[key] != null ? expected[key] : new byte[0];
                assertThat(stored.get(key)).as("seed %s", seed).isEqualTo(bytes);
                assertThat(atOnce.get(key)).as("seed %s", seed).isEqualTo(bytes);
            }
            assertThat(atOnce.get(1 << 30)).isEmpty();
        }
    }
}
