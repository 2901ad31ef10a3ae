package dev.livesync.database.maintenance;

import java.nio.file.Path;

/**
 * What {@link dev.livesync.database.Database#forget} did. It does not change.
 *
 * <p>Any thread. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface ForgetResult {
    /**
     * How many events are no longer in the database.
     *
     * @return a count
     */
    long forgotten();

    /**
     * How many events are still in it.
     *
     * @return a count
     */
    long kept();

    /**
     * Where the database is as it was before.
     *
     * @return a directory beside it
     */
    Path before();
}
