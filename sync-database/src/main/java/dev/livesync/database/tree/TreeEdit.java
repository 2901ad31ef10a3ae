package dev.livesync.database.tree;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of an edit.
 *
 * @param root the new root, null if no entry is left
 * @param nodes the nodes that the old tree did not have, in the order in which the alpha writes them: the root, then level by level
 *     from the leaves up, each from left to right; empty if nothing changed or nothing is left
 */
public record TreeEdit(@Nullable Cid root, List<Block> nodes) {
    /** Copies the list. */
    public TreeEdit {
        nodes = List.copyOf(nodes);
    }
}
