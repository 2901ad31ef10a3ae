package dev.livesync.core.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CidSetTest {
    @Test
    void agreesWithAHashSet() {
        Random random = new Random(1);
        CidSet set = new CidSet(random.nextLong());
        Set<Cid> oracle = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            Cid cid = small(random);
            assertThat(set.add(cid)).isEqualTo(oracle.add(cid));
        }
        assertThat(set.size()).isEqualTo(oracle.size());
        for (int i = 0; i < 100_000; i++) {
            Cid cid = small(random);
            assertThat(set.contains(cid)).isEqualTo(oracle.contains(cid));
        }
        assertThat(oracle).allMatch(set::contains);
    }

    /** Digests that differ in a few bits only, as somebody would choose who wants collisions. */
    private static Cid small(Random random) {
        long part = random.nextInt(60_000);
        return switch (random.nextInt(4)) {
            case 0 -> Cid.ofDigest(Cid.DAG_CBOR, part, 0, 0, 0);
            case 1 -> Cid.ofDigest(Cid.DAG_CBOR, 0, part << 40, 0, 0);
            case 2 -> Cid.ofDigest(Cid.DAG_CBOR, 0, 0, part, 0);
            default -> Cid.ofDigest(Cid.DAG_CBOR, 0, 0, 0, part << 48);
        };
    }

    @Test
    void holdsNothingButDagCbor() {
        CidSet set = new CidSet(1);
        assertThat(set.add(Cid.ofDigest(Cid.RAW, 1, 2, 3, 4))).isFalse();
        assertThat(set.size()).isZero();
        set.add(Cid.ofDigest(Cid.DAG_CBOR, 1, 2, 3, 4));
        assertThat(set.contains(Cid.ofDigest(Cid.RAW, 1, 2, 3, 4))).isFalse();
        assertThat(set.contains(Cid.ofDigest(Cid.DAG_CBOR, 1, 2, 3, 4))).isTrue();
    }

    @Test
    void takesAboutFortyBytesForEach() {
        CidSet set = new CidSet(7);
        Random random = new Random(7);
        int count = 1_000_000;
        for (int i = 0; i < count; i++) {
            set.add(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        }
        assertThat(set.size()).isEqualTo(count);
        assertThat(set.heapBytes() / (double) count).isBetween(32.0, 44.5);
    }
}
