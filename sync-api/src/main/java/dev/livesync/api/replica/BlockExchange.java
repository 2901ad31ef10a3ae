package dev.livesync.api.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that belong to no event, such as the content of attachments: peers ask for them by name, one by one. Nothing of the clock depends on them.
 *
 * <p>Any thread. No method waits for anything but the disk.
 */
public interface BlockExchange {
    /** The longest block that travels, in bytes. */
    int MOST_BYTES = 1 << 18;

    /**
     * Reads a block for a peer that may read.
     *
     * @param cid what it asks for: anything
     * @return the block, of at most {@link #MOST_BYTES}; null if it isn't here. Never a block of the history
     * @throws SyncException {@link dev.livesync.api.ErrorKind#STORAGE}, {@link dev.livesync.api.ErrorKind#CLOSED}
     */
    @Nullable
    Block block(Cid cid);

    /**
     * Whether a block is here.
     *
     * @param cid anything
     * @return false for blocks of the history
     * @throws SyncException as {@link #block}
     */
    boolean has(Cid cid);

    /**
     * Which of some blocks are here. The same as asking for each; where a question is dear, one is asked for all.
     *
     * @param cids anything
     * @return those of which {@link #has} would be true
     * @throws SyncException as {@link #block}
     */
    default Set<Cid> present(Collection<Cid> cids) {
        Set<Cid> here = new HashSet<>();
        for (Cid cid : cids) {
            if (has(cid)) {
                here.add(cid);
            }
        }
        return here;
    }

    /**
     * Begins to ask a peer. What is wanted is shared out: no two requests of different sessions name the same block at a time.
     *
     * @param wakeUp called when there may be more to ask for, or when something is here that was not, on any thread, with nothing locked; must not block or throw
     * @return what one session asks for; closed with it
     */
    BlockRequests requests(Runnable wakeUp);
}
