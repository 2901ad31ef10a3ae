package dev.livesync.database.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.database.columns.Images;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The index at a size that takes several chunks of each kind, through an image and beyond. */
class BlockIndexTest {
    private static final int MANY = 300_000;

    private static Cid cid(int number) {
        Random random = new Random(number);
        return Cid.ofDigest(
                number % 7 == 0 ? Cid.RAW : Cid.DAG_CBOR,
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong());
    }

    private static void add(BlockIndex index, int from, int to) {
        for (int i = from; i < to; i++) {
            assertThat(index.add(cid(i), i + 1, i % 3 == 0)).isEqualTo(i);
            index.place(i, 1_000L * i);
        }
    }

    private static BlockIndex again(BlockIndex index) {
        BlockIndex loaded = new BlockIndex(9);
        Images.load(Images.save(index::save), in -> loaded.load(in, (location, length) -> location + 1));
        return loaded;
    }

    private static void requireAll(BlockIndex index, int count, int moved) {
        assertThat(index.size()).isEqualTo(count);
        for (int i = 0; i < count; i++) {
            Cid cid = cid(i);
            if (index.find(cid, count) != i
                    || index.find(cid, i) != -1
                    || !index.cid(i).equals(cid)
                    || index.length(i) != i + 1
                    || index.isNode(i) != (i % 3 == 0)
                    || index.location(i) - 1_000L * i != (i < MANY ? moved : moved - 1)) {
                throw new AssertionError("block " + i + " of " + count);
            }
        }
    }

    @Test
    void whatWasLoadedGoesOn() {
        BlockIndex index = new BlockIndex(5);
        add(index, 0, MANY);
        BlockIndex once = again(index);
        requireAll(once, MANY, 1);
        add(once, MANY, MANY + 3_000);
        BlockIndex twice = again(once);
        requireAll(twice, MANY + 3_000, 2);
        add(twice, MANY + 3_000, MANY + 5_000);
        assertThat(twice.find(cid(MANY + 4_999), MANY + 5_000)).isEqualTo(MANY + 4_999);
    }

    /** What a compaction takes over unchanged, of blocks that were added and of loaded ones. */
    @Test
    void anIndexSharesTheFirstBlocksOfAnother() {
        BlockIndex index = new BlockIndex(5);
        add(index, 0, 5_000);
        requireShared(index, 4_500, 4_096, 0);
        requireShared(index, 1_023, 0, 0);
        requireShared(index, 5_000, 4_096, 0);
        BlockIndex loaded = new BlockIndex(5);
        Images.load(Images.save(index::save), in -> loaded.load(in, (location, length) -> location + 1));
        requireShared(loaded, 5_000, 0, 1); // what was loaded fills its last chunk
        for (int i = 5_000; i < 7_500; i++) {
            assertThat(loaded.add(cid(i), i + 1, i % 3 == 0)).isEqualTo(i);
            loaded.place(i, 1_000L * i + 1);
        }
        requireShared(loaded, 5_200, 5_120, 1);
        requireShared(loaded, 7_400, 7_168, 1);
    }

    private static void requireShared(BlockIndex index, int count, int expected, int moved) {
        BlockIndex next = index.empty();
        assertThat(next.share(index, count)).isEqualTo(expected);
        requireAll(next, expected, moved);
        for (int i = expected; i < expected + 3_000; i++) {
            assertThat(next.add(cid(i), i + 1, i % 3 == 0)).isEqualTo(i);
            next.place(i, 1_000L * i + moved);
        }
        requireAll(next, expected + 3_000, moved);
        assertThat(index.find(cid(expected), Integer.MAX_VALUE)).isEqualTo(expected < index.size() ? expected : -1);
    }
}
