package dev.livesync.core.reconcile;

import java.util.Arrays;

/** The symbols of a set of ids: as many as are asked for, each the sum of some ids. The first ones are never changed by more. */
final class Sketch {
    /** More symbols than this are nobody's. */
    static final int MOST = 1 << 17;

    private static final int LEAST = 64;

    /** What a symbol takes in memory. */
    private static final int SYMBOL = Long.BYTES + 2 * Integer.BYTES;

    private final ShortIds shortIds;
    private final long[] ids;
    private final int count;
    private final TableMemory memory;
    private long[] sums = {};
    private int[] checks = {};
    private int[] counts = {};

    /** Of the first so many ids of an array, which must not change. */
    Sketch(ShortIds shortIds, long[] ids, int count, TableMemory memory) {
        this.shortIds = shortIds;
        this.ids = ids;
        this.count = count;
        this.memory = memory;
    }

    /** Makes sure of the first so many symbols. Each walk over the ids makes twice as many as there are. */
    void require(int symbols) {
        int before = sums.length;
        if (symbols <= before) {
            return;
        }
        int size = Math.max(Math.max(LEAST, symbols), Math.min(MOST, 2 * before));
        claim((long) (size - before) * SYMBOL);
        sums = Arrays.copyOf(sums, size);
        checks = Arrays.copyOf(checks, size);
        counts = Arrays.copyOf(counts, size);
        SketchIndexes indexes = new SketchIndexes();
        for (int i = 0; i < count; i++) {
            long id = ids[i];
            int check = shortIds.check(id);
            indexes.start(id);
            for (long at = 0; at < size; at = indexes.next()) {
                if (at >= before) {
                    sums[(int) at] ^= id;
                    checks[(int) at] ^= check;
                    counts[(int) at]++;
                }
            }
        }
    }

    /** Asks for more memory, for whoever decodes with these symbols, too. */
    void claim(long bytes) {
        memory.claim(bytes);
    }

    /** How many symbols of a set of so many ids are worth it; the list costs less than more of them. */
    static int worth(int ids) {
        return (int) Math.min(MOST, (long) ids * ShortIds.BYTES / SymbolBytes.USUAL);
    }

    /** The exclusive or of the ids of a symbol. */
    long sum(int symbol) {
        return sums[symbol];
    }

    /** The exclusive or of their checksums. */
    int check(int symbol) {
        return checks[symbol];
    }

    /** How many they are. */
    int count(int symbol) {
        return counts[symbol];
    }

    /** How many they are on average, in a set of so many. */
    static long expected(long ids, int symbol) {
        return 2 * ids / (symbol + 2L);
    }
}
