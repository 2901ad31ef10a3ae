package dev.livesync.database.tree;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.car.TreeNode;

/** Reads nodes from the store. */
@FunctionalInterface
public interface NodeReader {
    /**
     * Reads a node.
     *
     * @param cid the node's CID
     * @return the node with exactly this CID
     * @throws dev.livesync.api.SyncException {@link dev.livesync.api.ErrorKind#NOT_FOUND} if there is no such block, or whatever
     *     reading and decoding it throws; passes through whoever reads
     */
    TreeNode read(Cid cid);

    /**
     * Reads a node's block without decoding it.
     *
     * @param cid the node's CID
     * @return its block
     * @throws dev.livesync.api.SyncException as {@link #read}, but for what decoding throws
     */
    default Block block(Cid cid) {
        return read(cid).block();
    }
}
