package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The blocks that were written or read last, of all databases of a store: a block is the same wherever it is. Any thread. */
final class StoreCache {
    /** What an entry takes besides its bytes, about. */
    private static final int OVERHEAD = 200;

    private final long most;
    private final Map<Cid, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    StoreCache(long most) {
        this.most = most;
    }

    synchronized @Nullable Block get(Cid cid) {
        return blocks.get(cid);
    }

    synchronized void put(Block block) {
        if (block.size() + OVERHEAD > most / 4) {
            return;
        }
        if (blocks.put(block.cid(), block) == null) {
            bytes += block.size() + OVERHEAD;
        }
        for (var oldest = blocks.values().iterator(); bytes > most; oldest.remove()) {
            bytes -= oldest.next().size() + OVERHEAD;
        }
    }

    synchronized void clear() {
        blocks.clear();
        bytes = 0;
    }
}
