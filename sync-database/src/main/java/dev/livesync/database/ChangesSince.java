package dev.livesync.database;

import dev.livesync.api.Cid;
import java.util.List;

/**
 * What {@link Database#changesSince} found.
 *
 * <p>Any thread; it does not change. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface ChangesSince {
    /**
     * What was written or deleted.
     *
     * @return every document that was written or deleted since, once, by id; immutable
     */
    List<DocumentChange> changes();

    /**
     * Where to go on from.
     *
     * @return the clock that the changes lead up to; immutable
     */
    List<Cid> clock();
}
