package dev.livesync.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SketchTest {
    private static final ShortIds IDS = new ShortIds(Exchange.SALT, 0);

    private static SketchDecoder decoder(long[] ours) {
        return new SketchDecoder(IDS, new Sketch(IDS, ours, ours.length, TableMemory.UNLIMITED));
    }

    /** How many symbols tell the difference of two sets; checked against what they were made of. */
    private static int decode(int common, int ours, int theirs, long seed) {
        Random random = new Random(seed);
        long[] all = random.longs(common + ours + theirs).toArray();
        long[] a = Arrays.copyOf(all, common + ours);
        long[] b = new long[common + theirs];
        System.arraycopy(all, 0, b, 0, common);
        System.arraycopy(all, common + ours, b, common, theirs);
        Sketch sketch = new Sketch(IDS, b, b.length, TableMemory.UNLIMITED);
        SketchDecoder decoder = decoder(a);
        boolean done = false;
        while (!done) {
            assertThat(decoder.hasFailed()).isFalse();
            int at = decoder.size();
            sketch.require(at + 1);
            decoder.add(sketch.sum(at), sketch.check(at), sketch.count(at));
            done = decoder.decode();
        }
        assertThat(decoder.found(false))
                .as("seed " + seed)
                .containsExactlyInAnyOrder(Arrays.copyOfRange(all, common, common + ours));
        assertThat(decoder.found(true))
                .as("seed " + seed)
                .containsExactlyInAnyOrder(Arrays.copyOfRange(all, common + ours, all.length));
        return decoder.size();
    }

    @Test
    void aSketchTellsTheDifferenceWithLittleMoreThanOneSymbolEach() {
        int[] symbols = new int[100];
        for (int seed = 0; seed < symbols.length; seed++) {
            symbols[seed] = decode(1_000, 50, 50, seed);
        }
        Arrays.sort(symbols);
        // The paper has 1.35 to 1.75 for each difference.
        assertThat(Arrays.stream(symbols).average().orElse(0)).isBetween(130.0, 160.0);
        assertThat(symbols[98]).isLessThan(200);
        assertThat(decode(0, 3_000, 100, 1)).isLessThan(5_000);
        assertThat(decode(10, 0, 0, 2)).isEqualTo(1);
        assertThat(decode(0, 0, 1, 3)).isEqualTo(1);
    }

    @Test
    void theIndexesThinOutAsSpecified() {
        int[] at = new int[65];
        int ids = 20_000;
        SketchIndexes indexes = new SketchIndexes();
        Random random = new Random(1);
        for (int i = 0; i < ids; i++) {
            indexes.start(random.nextLong());
            for (long next = 0; next < at.length; next = indexes.next()) {
                at[(int) next]++;
            }
        }
        for (int i = 0; i < at.length; i++) {
            assertThat(at[i] / (double) ids).as("symbol " + i).isBetween(1.7 / (i + 2), 2.3 / (i + 2));
        }
    }

    @Test
    void theEstimateIsNear() {
        for (int seed = 0; seed < 20; seed++) {
            long[] theirs = new Random(seed).longs(500).toArray();
            Sketch sketch = new Sketch(IDS, theirs, theirs.length, TableMemory.UNLIMITED);
            SketchDecoder decoder = decoder(Arrays.copyOf(theirs, 300));
            sketch.require(32);
            for (int i = 0; i < 32; i++) {
                decoder.add(sketch.sum(i), sketch.check(i), sketch.count(i));
            }
            assertThat(decoder.decode()).isFalse();
            assertThat(decoder.estimate()).as("seed " + seed).isBetween(180.0, 400.0);
        }
    }

    @Test
    void whateverTheSymbolsAreDecodingEndsWithNoMoreIdsThanSymbols() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            SketchDecoder decoder = decoder(random.longs(100).toArray());
            for (int i = 0; i < 300; i++) {
                // Pure ones that are in no other symbol, ones that come twice, and rubbish.
                long id = random.nextInt(3) == 0 ? 42 : random.nextLong();
                boolean pure = random.nextBoolean();
                decoder.add(
                        id,
                        pure ? IDS.check(id) : random.nextInt(),
                        pure ? 1 - 2 * random.nextInt(2) : random.nextLong());
            }
            assertThat(decoder.decode()).as("seed " + seed).isFalse();
            assertThat(decoder.found(true).length + decoder.found(false).length).isLessThanOrEqualTo(300);
            decoder.estimate();
        }
    }
}
