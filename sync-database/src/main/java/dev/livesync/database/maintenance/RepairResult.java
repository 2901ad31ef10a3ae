package dev.livesync.database.maintenance;

import java.util.List;

/**
 * What {@link dev.livesync.database.Database#repair} did. It does not change.
 *
 * <p>Any thread. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface RepairResult {
    /**
     * How many files were damaged, and have been written anew.
     *
     * @return a count
     */
    long segments();

    /**
     * Intact blocks that were found in damaged records.
     *
     * @return a count
     */
    long salvaged();

    /**
     * What was wrong before.
     *
     * @return one line for each damage, naming the CID or the file and the offset; immutable
     */
    List<String> problems();

    /**
     * What a check says now.
     *
     * @return the check after the repair
     */
    Verification after();
}
