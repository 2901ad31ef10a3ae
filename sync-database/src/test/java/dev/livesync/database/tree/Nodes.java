package dev.livesync.database.tree;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNodes;
import java.util.HashMap;
import java.util.Map;

/** A store of nodes in memory that counts what is read. */
final class Nodes implements NodeReader {
    final Map<Cid, Block> blocks = new HashMap<>();
    int reads;

    void add(Block block) {
        blocks.put(block.cid(), block);
    }

    void add(TreeNode node) {
        add(node.block());
    }

    @Override
    public TreeNode read(Cid cid) {
        reads++;
        Block block = blocks.get(cid);
        if (block == null) {
            throw new SyncException(ErrorKind.NOT_FOUND, "block " + cid + " is not stored");
        }
        return TreeNodes.decode(block);
    }
}
