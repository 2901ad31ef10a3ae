package dev.livesync.database.live;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/**
 * What became of one document of a result.
 *
 * <p>Any thread; it does not change. LiveSync implements this, and a later version may tell more: programs only read it.
 *
 * @param <D> what the result holds: {@link dev.livesync.database.Document}
 */
public interface LiveChange<D> {
    /**
     * What became of it.
     *
     * @return the kind
     */
    LiveChangeKind kind();

    /**
     * Where it was.
     *
     * @return its index in the result before; -1 if it was added
     */
    int from();

    /**
     * Where it is.
     *
     * @return its index in the result now; -1 if it was removed
     */
    int to();

    /**
     * The document.
     *
     * @return as it is now; one that was removed as it was in the result before. May be read by each call
     * @throws SyncException {@link ErrorKind#CLOSED} once the database is closed, {@link ErrorKind#STORAGE}, {@link ErrorKind#CORRUPT}
     */
    D document();
}
