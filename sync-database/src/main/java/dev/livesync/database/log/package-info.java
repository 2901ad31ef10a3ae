/**
 * Blocks on a disk: an append-only log in segment files, and an index from CIDs to places in it.
 *
 * <p>This package knows nothing of documents or merges. What is durable is decided here and only here: a
 * {@link dev.livesync.database.log.SegmentLog} appends one record at a time and forces it before the next one begins, so
 * that after a crash only the last record can be damaged. All I/O goes through
 * {@link dev.livesync.database.disk.Disk}.
 */
@NullMarked
package dev.livesync.database.log;

import org.jspecify.annotations.NullMarked;
