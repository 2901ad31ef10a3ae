package dev.livesync.database.erasure;

import dev.livesync.api.Cid;
import java.util.Set;

/**
 * What an erasure did. It does not change.
 *
 * <p>Any thread. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface ErasureResult {
    /**
     * The contents that are erased from now on.
     *
     * @return their roots, without those that were erased before; immutable
     */
    Set<Cid> roots();

    /**
     * How many documents were deleted.
     *
     * @return a count
     */
    long documents();

    /**
     * By how much the files of attachments have become shorter meanwhile.
     *
     * @return bytes; 0 also if somebody else has put more
     */
    long freed();

    /**
     * How much is still here, as {@link Erasures#remaining()}.
     *
     * @return bytes; it goes when those are done who hold it
     */
    long remaining();
}
