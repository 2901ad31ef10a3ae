package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import java.util.Collection;
import java.util.Map;

/** Reads the blocks of a store that several processes share, as of one moment. Any thread. */
public interface SharedBlocks {
    /**
     * Reads blocks.
     *
     * @param cids as many as may be in memory at once
     * @return those of them that are stored, each checked against its CID
     * @throws SyncException {@link dev.livesync.api.ErrorKind#STORAGE}, {@link dev.livesync.api.ErrorKind#CORRUPT}
     */
    Map<Cid, Block> read(Collection<Cid> cids);

    /**
     * Reads a block that is known to be stored at this moment, so that nobody has to ask.
     *
     * @param cid its CID
     * @return the block
     * @throws SyncException as {@link #read}; {@link dev.livesync.api.ErrorKind#CORRUPT} if it is not stored
     */
    Block present(Cid cid);

    /**
     * Reads events that are complete, some of which may be asked for next.
     *
     * @param event the index of one, which is read in any case
     * @param cid its CID
     * @return the block
     * @throws SyncException as {@link #read}; {@link dev.livesync.api.ErrorKind#CORRUPT} if it is not stored
     */
    Block event(int event, Cid cid);
}
