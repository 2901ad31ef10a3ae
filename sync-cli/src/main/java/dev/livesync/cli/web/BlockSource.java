package dev.livesync.cli.web;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import org.jspecify.annotations.Nullable;

/** A database whose blocks are handed out. Any thread. */
public interface BlockSource {
    /**
     * Whether somebody may read it.
     *
     * @param token what the caller has shown
     * @return true if it is that of a grant with which everything may be read
     */
    boolean admits(String token);

    /**
     * Reads a block.
     *
     * @param cid anything
     * @param maxBytes how long it may be
     * @return a complete event or a piece of an attachment; null if it isn't here, or is longer
     */
    @Nullable
    Block block(Cid cid, int maxBytes);
}
