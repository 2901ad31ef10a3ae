package dev.livesync.database.maintenance;

import java.util.List;

/**
 * What {@link dev.livesync.database.Database#verify()} found. It does not change.
 *
 * <p>Any thread. LiveSync implements this, and a later version may count more: programs only read it.
 */
public interface Verification {
    /**
     * Blocks that were read and hashed.
     *
     * @return a count
     */
    long blocks();

    /**
     * The content of those blocks.
     *
     * @return bytes
     */
    long bytes();

    /**
     * Complete events whose ancestors were looked up.
     *
     * @return a count
     */
    long events();

    /**
     * Events that wait for something.
     *
     * @return a count
     */
    long pending();

    /**
     * Events whose own tree is stored whole.
     *
     * @return a count
     */
    long trees();

    /**
     * What is wrong.
     *
     * @return one line for each problem, naming the CID or the file and the offset; at most 1,000; immutable
     */
    List<String> problems();

    /**
     * Whether all is well.
     *
     * @return true if there are no problems
     */
    boolean ok();
}
