/** Numbers in a row: what structures in memory are written to and read back from, checksummed as a whole. */
@NullMarked
package dev.livesync.database.image;

import org.jspecify.annotations.NullMarked;
