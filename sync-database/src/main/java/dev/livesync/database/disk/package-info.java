/**
 * Files below a database: what the log asks of a file system, {@link dev.livesync.database.disk.Disk}, in a directory that one process owns or in
 * memory. Knows nothing of what is in the files, and nothing of the other packages.
 */
@NullMarked
package dev.livesync.database.disk;

import org.jspecify.annotations.NullMarked;
