package dev.livesync.database.versions;

import java.util.List;

/**
 * Versions of one document of which no writer knew of another's, and which nobody has written over. The same one wins at every replica that has
 * the same events. Whoever writes the document or deletes it, knowing of all of them, ends the conflict.
 *
 * <p>Any thread; it does not change. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface DocumentConflict {
    /**
     * Which document.
     *
     * @return its id
     */
    String id();

    /**
     * All versions: the one that holds, then the others, in the order in which they would win.
     *
     * @return two or more, each once; immutable
     */
    List<DocumentVersion> versions();

    /**
     * Why they come in this order: the least weight wins, and of equal ones the greatest CID as text. A version weighs the more, the more was written on top of
     * it; it is the sum of the lengths of all ways to it from the events that were merged (docs/merge.md, section 3).
     *
     * @return the weight of each of the versions; {@link Long#MAX_VALUE} stands for all that is greater, too
     */
    List<Long> weights();
}
