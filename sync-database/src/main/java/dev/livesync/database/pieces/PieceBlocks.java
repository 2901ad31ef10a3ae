package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the blocks of attachments are kept, each once. What is read is hashed; a block that no longer hashes to its CID counts as absent, so that it can be put or fetched again.
 *
 * <p>Any thread. Each method throws {@link SyncException} of {@link ErrorKind#STORAGE} and {@link ErrorKind#CLOSED}.
 */
public interface PieceBlocks {
    /** Keeps what is added or found until it is closed. */
    interface Holding extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Begins to hold what is added or {@linkplain #need needed} from now on.
     *
     * @return to be closed
     */
    Holding hold();

    /**
     * Which blocks are here. Not yet hashed.
     *
     * @param cids any
     * @return those of them that were added and not removed
     */
    Set<Cid> present(Collection<Cid> cids);

    /**
     * Finds blocks that are needed: as long as a {@link #hold} of before this call is open, none of them is removed.
     *
     * @param cids any
     * @return the lengths in bytes of those that are here
     */
    Map<Cid, Integer> need(Collection<Cid> cids);

    /**
     * Reads a block and hashes it.
     *
     * @param cid any
     * @return the block; null if it isn't here, or is damaged
     */
    @Nullable
    Block find(Cid cid);

    /**
     * Reads a block and hashes it.
     *
     * @param cid any
     * @return the block; null if it isn't here
     * @throws SyncException {@link ErrorKind#CORRUPT} naming where it is, if it is damaged
     */
    @Nullable
    Block read(Cid cid);

    /**
     * Adds a block, if it isn't here.
     *
     * @param block a piece or a node
     * @return whether it was added
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} if it is too long or over the quota; nothing was added then
     */
    boolean add(Block block);

    /**
     * Makes a content durable, all blocks of which were added or found.
     *
     * @param root its root
     */
    void complete(Cid root);

    /**
     * Tells whether blocks may have come meanwhile that were absent.
     *
     * @return a number that is another one then
     */
    long additions();

    /**
     * Names all blocks of this moment.
     *
     * @param action called for each; must not call the store
     */
    void forEach(Consumer<Cid> action);
}
