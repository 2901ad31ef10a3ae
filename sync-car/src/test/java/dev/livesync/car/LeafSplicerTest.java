package dev.livesync.car;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Value;
import dev.livesync.car.TreeNode.LeafEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Splicing a leaf's bytes, and decoding, changing and writing it: the same leaf, or the splicer refuses where it has to. */
class LeafSplicerTest {
    private static final int MOST = 64 << 10;

    /** Of one, two, three and four bytes in UTF-8; the last two are in another order in UTF-16. */
    private static final List<String> LETTERS = List.of("a", "b", "é", "中", "\uffee", "\ud83d\ude00", "aa");

    private final LeafSplicer splicer = new LeafSplicer();
    private final Chunker chunker = new Chunker();
    private int spliced;
    private int refused;

    @Test
    void splicingEqualsDecodingAndWriting() {
        for (int seed = 0; seed < 4_000; seed++) {
            check(seed);
        }
        assertThat(spliced).as("leaves that were spliced").isGreaterThan(1_000);
        assertThat(refused).as("leaves that were not").isGreaterThan(500);
    }

    @Test
    void theNumberOfEntriesGrowsAndShrinksOverTheBoundsOfItsHead() {
        for (int count : new int[] {1, 22, 23, 24, 25, 254, 255, 256, 257}) {
            TreeMap<String, Encoded> entries = new TreeMap<>();
            for (int i = 0; entries.size() < count; i++) {
                put(entries, "J%05d".formatted(i), value(i));
            }
            Block leaf = TreeNodes.leaf(list(entries), false).block();
            for (int i = 0; i < 100; i++) {
                compare("count " + count, leaf, entries, entries.firstKey() + "~" + i, value(i), true);
            }
            if (count > 2) {
                compare("count " + count, leaf, entries, list(entries).get(1).key(), null, true);
            }
        }
        assertThat(spliced).isGreaterThan(800);
    }

    @Test
    void aLeafThatWouldBeTooLargeIsRefused() {
        TreeMap<String, Encoded> entries = new TreeMap<>();
        put(entries, "Ja", value(1));
        put(entries, "Jc", value(2));
        Block leaf = TreeNodes.leaf(list(entries), false).block();
        assertThat(splicer.splice(leaf, "Jb", value(3), true, leaf.size() + 5)).isNull();
        assertThat(splicer.splice(leaf, "Jb", value(3), true, 200)).isNotNull();
    }

    @Test
    void whatIsNoLeafIsRefused() {
        Block branch = TreeNodes.branch(
                        1,
                        List.of(new TreeNode.BranchEntry(
                                "Ja", DagCbor.block(Value.NULL, Limits.DEFAULT).cid())),
                        false)
                .block();
        assertThat(splicer.splice(branch, "Jb", value(3), true, MOST)).isNull();
        Block other = DagCbor.block(new Value.Text("leaf"), Limits.DEFAULT);
        assertThat(splicer.splice(other, "Jb", value(3), true, MOST)).isNull();
    }

    private void check(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeMap<String, Encoded> entries = new TreeMap<>();
        int wanted = 1 + random.nextInt(40);
        for (int i = 0; i < wanted; i++) {
            put(entries, key(random), value(random.nextInt(1_000)));
        }
        if (entries.isEmpty()) {
            return;
        }
        boolean closed = random.nextBoolean();
        Block leaf = TreeNodes.leaf(list(entries), closed).block();
        List<LeafEntry> all = list(entries);
        String key = random.nextInt(3) == 0
                ? key(random)
                : all.get(random.nextInt(all.size())).key();
        Encoded value = random.nextInt(4) == 0
                ? null
                : random.nextInt(8) == 0 && entries.containsKey(key) ? entries.get(key) : value(random.nextInt(1_000));
        compare("seed " + seed, leaf, entries, key, value, random.nextBoolean());
    }

    private void compare(
            String what,
            Block leaf,
            SortedMap<String, Encoded> entries,
            String key,
            @Nullable Encoded value,
            boolean last) {
        Block result = splicer.splice(leaf, key, value, last, MOST);
        boolean closed = TreeNodes.decode(leaf).closed();
        boolean changes = !Objects.equals(entries.get(key), value);
        if (result == null) {
            refused++;
            boolean inside = key.compareTo(entries.firstKey()) > 0
                    && (key.compareTo(entries.lastKey()) < 0 || !closed && value != null);
            boolean cuts = changes && value != null && chunker.cuts(new LeafEntry(key, value));
            assertThat(inside && !cuts && (closed || last))
                    .as("%s: refused although it is easy", what)
                    .isFalse();
            return;
        }
        spliced++;
        TreeMap<String, Encoded> changed = new TreeMap<>(entries);
        if (value == null) {
            changed.remove(key);
        } else {
            changed.put(key, value);
        }
        assertThat(result)
                .as(what)
                .isEqualTo(TreeNodes.leaf(list(changed), closed).block());
        if (changes) {
            assertThat(result).as(what).isNotSameAs(leaf);
        } else {
            assertThat(result).as(what).isSameAs(leaf);
        }
        assertThat(closed || last).as("%s: more may fit into it", what).isTrue();
        assertThat(changed.firstKey()).as(what).isEqualTo(entries.firstKey());
        if (closed) {
            assertThat(changed.lastKey()).as(what).isEqualTo(entries.lastKey());
            assertThat(changed.get(changed.lastKey())).as(what).isEqualTo(entries.get(entries.lastKey()));
        }
        assertThat(changes && value != null && chunker.cuts(new LeafEntry(key, value)))
                .as("%s: the new entry cuts", what)
                .isFalse();
    }

    private static String key(SplittableRandom random) {
        StringBuilder key = new StringBuilder("J");
        boolean plain = random.nextInt(4) > 0;
        for (int i = random.nextInt(4); i >= 0; i--) {
            key.append(plain ? "" + (char) ('a' + random.nextInt(6)) : LETTERS.get(random.nextInt(LETTERS.size())));
        }
        return key.toString();
    }

    /** As in a canonical tree: an entry that cuts would have ended the leaf. */
    private void put(SortedMap<String, Encoded> entries, String key, Encoded value) {
        if (!chunker.cuts(new LeafEntry(key, value))) {
            entries.put(key, value);
        }
    }

    private static Encoded value(int n) {
        Value inner = new Value.Sequence(List.of(new Value.Int(-n), new Value.Real(n + 0.5), Value.NULL));
        return Encoded.of(new Value.Mapping(Map.of(
                "n",
                new Value.Int(n),
                "text",
                new Value.Text("x".repeat(n % 70)),
                "list",
                inner,
                "yes",
                new Value.Bool(true))));
    }

    private static List<LeafEntry> list(SortedMap<String, Encoded> entries) {
        List<LeafEntry> list = new ArrayList<>();
        entries.forEach((key, value) -> list.add(new LeafEntry(key, value)));
        return list;
    }
}
