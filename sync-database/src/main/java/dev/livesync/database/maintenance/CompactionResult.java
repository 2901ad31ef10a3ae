package dev.livesync.database;

/**
 * What {@link Database#compact()} did.
 *
 * @param bytesBefore the size of all segments before
 * @param bytesAfter and afterwards
 */
public record CompactionResult(long bytesBefore, long bytesAfter) {}
