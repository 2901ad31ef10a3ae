package dev.livesync.api.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The whole tree of one event.
 *
 * @param root the root; null if no document remains after the event. Differs from the event's own claim if the author's
 *     tree is not stored whole and is not the canonical one.
 * @param blocks every node once, the root first, then level by level from left to right; computed as it is read, valid
 *     until the snapshot is closed
 */
public record Tree(@Nullable Cid root, Iterator<Block> blocks) {}
