package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a {@link FeedHistory} reads events and tree nodes, of which it keeps none. Any thread. */
@FunctionalInterface
public interface BlockReader {
    /**
     * Reads a block. What a complete event is made of is always there, and never changes.
     *
     * @param cid its CID
     * @return the block; null if it is not stored
     * @throws SyncException whatever reading throws
     */
    @Nullable
    Block read(Cid cid);

    /**
     * Reads several blocks at once; a store at the other end of a wire should do that in one step.
     *
     * @param cids their CIDs
     * @return the blocks in the same order, null for each that is not stored
     * @throws SyncException as {@link #read}
     */
    default List<@Nullable Block> readAll(List<Cid> cids) {
        List<@Nullable Block> blocks = new ArrayList<>(cids.size());
        cids.forEach(cid -> blocks.add(read(cid)));
        return blocks;
    }
}
