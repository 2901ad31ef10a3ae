package dev.livesync.database.maintenance;

/**
 * What {@link dev.livesync.database.Database#compact()} did. It does not change.
 *
 * <p>Any thread. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface CompactionResult {
    /**
     * The size of all segments and of the files of attachments before.
     *
     * @return bytes
     */
    long bytesBefore();

    /**
     * The size of all of them afterwards.
     *
     * @return bytes
     */
    long bytesAfter();
}
