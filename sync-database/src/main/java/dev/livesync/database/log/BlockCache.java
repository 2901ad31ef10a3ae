package dev.livesync.database.log;

import dev.livesync.api.Block;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The blocks that were used or written last, up to a number of bytes. Any thread. */
final class BlockCache {
    /** The overhead of a cached block, in bytes. */
    private static final int OVERHEAD = 160;

    private final long capacity;
    private final LinkedHashMap<Integer, Block> blocks = new LinkedHashMap<>(64, 0.75f, true);
    private long used;

    BlockCache(long capacity) {
        this.capacity = capacity;
    }

    synchronized @Nullable Block get(int number) {
        return blocks.get(number);
    }

    synchronized void put(int number, Block block) {
        long cost = (long) block.size() + OVERHEAD;
        if (cost > capacity / 8 || blocks.put(number, block) != null) {
            return;
        }
        used += cost;
        for (Iterator<Block> oldest = blocks.values().iterator(); used > capacity; ) {
            used -= (long) oldest.next().size() + OVERHEAD;
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

    /** Creates an empty cache of the same size. */
    BlockCache empty() {
        return new BlockCache(capacity);
    }
}
