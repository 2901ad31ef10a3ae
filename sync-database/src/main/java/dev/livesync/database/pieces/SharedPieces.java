package dev.livesync.database.pieces;

import dev.livesync.api.Cid;
import java.util.Collection;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Blocks of attachments in a store that several processes share. Nobody can hold anything against the others: instead a sweep removes what another one, a day before, has found that nobody needs, and what was
 * {@linkplain #need needed} or put again since is no longer that.
 */
public interface SharedPieces extends PieceBlocks {
    /** A moment by the store's clock. */
    interface Moment {}

    /**
     * Which contents are known to be here as a whole, so that nobody has to look at their blocks.
     *
     * @param roots any
     * @return some of them
     */
    Set<Cid> whole(Collection<Cid> roots);

    /**
     * How much all blocks take.
     *
     * @return bytes
     */
    long bytes();

    /**
     * Begins a sweep, before it is found out which blocks are needed.
     *
     * @return now
     */
    Moment now();

    /**
     * Removes what isn't needed now and wasn't a day ago, and notes what isn't needed now.
     *
     * @param began what {@link #now} said before somebody looked for what is needed
     * @param live what is
     * @return the bytes of what was removed
     */
    long sweep(Moment began, Predicate<Cid> live);
}
