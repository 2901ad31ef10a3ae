package dev.livesync.database.log;

import dev.livesync.api.Block;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The blocks that were used or written last, up to a number of bytes. Any thread. */
final class BlockCache {
    /** The overhead of a cached block, in bytes. */
    private static final int OVERHEAD = 160;

    private final long capacity;
    private final LinkedHashMap<Integer, Block> blocks = new LinkedHashMap<>(64, 0.75f, true);
    /** The numbers of these: most questions are for others. */
    private final BitSet numbers = new BitSet();

    private long used;

    BlockCache(long capacity) {
        this.capacity = capacity;
    }

    synchronized @Nullable Block get(int number) {
        return numbers.get(number) ? blocks.get(number) : null;
    }

    synchronized void put(int number, Block block) {
        long cost = (long) block.size() + OVERHEAD;
        if (cost > capacity / 8 || blocks.put(number, block) != null) {
            return;
        }
        numbers.set(number);
        used += cost;
        for (Iterator<Map.Entry<Integer, Block>> oldest = blocks.entrySet().iterator(); used > capacity; ) {
            Map.Entry<Integer, Block> entry = oldest.next();
            numbers.clear(entry.getKey());
            used -= (long) entry.getValue().size() + OVERHEAD;
            oldest.remove();
        }
    }

    /** Caches blocks that were written together, unless they would displace most others. */
    synchronized void putAll(int first, List<Transaction.Entry> written) {
        long cost = 0;
        for (Transaction.Entry e : written) {
            cost += (long) e.block().size() + OVERHEAD;
        }
        if (cost <= capacity / 2) {
            int number = first;
            for (Transaction.Entry e : written) {
                put(number++, e.block());
            }
        }
    }

    /** Caches the blocks below a number that another cache has. */
    void copyBelow(int end, BlockCache other) {
        for (int number = other.next(0); number >= 0 && number < end; number = other.next(number + 1)) {
            Block block = other.get(number);
            if (block != null) {
                put(number, block);
            }
        }
    }

    private synchronized int next(int from) {
        return numbers.nextSetBit(from);
    }

    /** Forgets all blocks. */
    synchronized void clear() {
        blocks.clear();
        numbers.clear();
        used = 0;
    }

    /** Creates an empty cache of the same size. */
    BlockCache empty() {
        return new BlockCache(capacity);
    }
}
