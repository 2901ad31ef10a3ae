package dev.livesync.api.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import java.util.List;

/** What one session asks its peer for. One call at a time. */
public interface BlockRequests extends AutoCloseable {
    /**
     * Says whether everything that documents name is wanted as soon as they are here, or only what somebody reads.
     *
     * @param withDocuments false at the beginning
     */
    void fetchWithDocuments(boolean withDocuments);

    /**
     * Names what to ask for next. What is named here is asked for by nobody else until it has come, is absent, or this is closed.
     *
     * @param most how many
     * @return blocks that are wanted, not here, and not known to be absent at this peer; empty if there are none now
     * @throws SyncException {@link dev.livesync.api.ErrorKind#STORAGE}, {@link dev.livesync.api.ErrorKind#CLOSED}
     */
    List<Cid> next(int most);

    /**
     * Takes a block that was asked for. What becomes of it, and of what it is part of, is no concern of the session's: one that there is no room for is dropped.
     *
     * @param block as it came, hashed
     * @throws SyncException {@link dev.livesync.api.ErrorKind#STORAGE}, {@link dev.livesync.api.ErrorKind#CLOSED}
     */
    void received(Block block);

    /**
     * Takes word that the peer has no such block.
     *
     * @param cid what was asked for
     */
    void absent(Cid cid);

    /**
     * Takes word that the peer has by now what it had not.
     *
     * @param cid what was absent; anything
     */
    void present(Cid cid);

    /** Gives back what was asked for and hasn't come. Idempotent. */
    @Override
    void close();
}
