package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;

/** Where the blocks of attachments are read. */
@FunctionalInterface
public interface PieceSource {
    /**
     * Reads a block.
     *
     * @param cid a piece or a node
     * @return the block
     * @throws dev.livesync.api.SyncException {@link dev.livesync.api.ErrorKind#NOT_FOUND} if it isn't here
     */
    Block read(Cid cid);
}
