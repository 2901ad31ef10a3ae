package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import org.jspecify.annotations.Nullable;

/** Where a {@link FeedHistory} reads events and tree nodes, of which it keeps none. Any thread. */
@FunctionalInterface
interface BlockReader {
    /**
     * Reads a block. What a complete event is made of is always there, and never changes.
     *
     * @param cid its CID
     * @return the block; null if it is not stored
     * @throws SyncException whatever reading throws
     */
    @Nullable
    Block read(Cid cid);
}
