package dev.livesync.database.maintenance;

/**
 * What {@link dev.livesync.database.Database#compact()} did. It does not change.
 *
 * <p>Any thread. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface CompactionResult {
    /**
     * The size of all segments before.
     *
     * @return bytes
     */
    long bytesBefore();

    /**
     * The size of all segments afterwards.
     *
     * @return bytes
     */
    long bytesAfter();
}
